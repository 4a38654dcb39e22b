#pragma once

#include <vector>

#include "data/dataset/split.h"

namespace unet {

/// Whether the samples are split by lists: `data.split` is lists, or auto and a list or stems are given. Throws
/// Error(config) if it is lists and none is given.
bool divides_by_lists(const DataOptions& options);

/// Splits by the hash of each sample's group; see `find_samples`. Throws Error(config) for a bad pattern.
Split split_by_fraction(std::vector<SampleRef> samples, const DataOptions& options, double val_fraction,
                        double test_fraction);

/// Splits by list files and stems. Without a list for training, the training part gets all samples that the other
/// lists do not name. Unknown entries and samples in two parts are problems. Throws Error(missing_input) for a list
/// that does not exist.
Split split_by_lists(std::vector<SampleRef> samples, const DataOptions& options);

}  // namespace unet
