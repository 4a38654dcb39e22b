#pragma once

#include <vector>

#include "data/dataset/split.h"

namespace unet {

/// Whether the samples are split by lists: `data.split` is lists, or auto and a list or stems are given. Throws
/// Error(config) if it is lists and none is given.
bool divides_by_lists(const DataOptions& options);

/// Splits by list files and stems. An entry is a sample's name, or the name or path of its image or mask, with or
/// without extension; folders before a sample's name are skipped. Of a line with several columns that is no name as a
/// whole, the first column counts. Without a list for training, the training part gets all samples that the other lists
/// do not name. Unknown entries and samples in two parts are problems. Throws Error(missing_input) for a list that does
/// not exist.
Split split_by_lists(std::vector<SampleRef> samples, const DataOptions& options);

}  // namespace unet
