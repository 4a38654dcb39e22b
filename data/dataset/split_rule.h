#pragma once

#include <vector>

#include "data/dataset/pairing.h"

namespace unet {

/// Whether the options name lists or stems, and do not rule them out.
bool divides_by_lists(const DataOptions& options);

/// Divides by the hash of each pair's group; see `find_pairs`. Throws Error(config) for a bad pattern.
Split split_by_fraction(std::vector<Pair> pairs, const DataOptions& options, double val_fraction, double test_fraction);

/// Divides by list files and stems; without a list for training it gets what the others leave. Unknown
/// entries and stems in two parts are problems. Throws Error(missing_input) for a list that is not there.
Split split_by_lists(std::vector<Pair> pairs, const DataOptions& options);

}  // namespace unet
