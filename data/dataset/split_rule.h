#pragma once

#include <vector>

#include "data/dataset/split.h"

namespace unet {

/// Whether the options name lists or stems, and do not rule them out. Throws Error(config) where lists are asked for
/// and none is given.
bool divides_by_lists(const DataOptions& options);

/// Divides by the hash of each sample's group; see `find_samples`. Throws Error(config) for a bad pattern.
Split split_by_fraction(std::vector<SampleRef> samples, const DataOptions& options, double val_fraction,
                        double test_fraction);

/// Divides by list files and stems. Without a list for training, the training part gets all samples that the other
/// lists do not name. Unknown entries and samples in two parts are problems. Throws Error(missing_input) for a list
/// that does not exist.
Split split_by_lists(std::vector<SampleRef> samples, const DataOptions& options);

}  // namespace unet
