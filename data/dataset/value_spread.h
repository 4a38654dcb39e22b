#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "data/dataset/split_groups.h"

namespace unet {

/// Number of images by part.
using PartSizes = std::array<size_t, kPartCount>;

/// Counts the images of the groups, whose parts are `parts`.
PartSizes part_sizes(const std::vector<SplitGroup>& groups, const std::vector<Part>& parts);

/// Label values by what became of them.
struct SpreadValues {
  std::vector<int64_t> moved;    ///< brought into a part that lacked them
  std::vector<int64_t> missing;  ///< in several groups, but not in validation, whose share allows no more
};

/// Brings label values into the parts that lack them, the values of the fewest groups first: a value of one group
/// belongs in training, of two also in validation, of three also in testing. Each group that is moved is exchanged for
/// another, so that the parts keep the sizes `targets` within one image or group; a part of target 0 stays empty.
/// `values` are label values by sample. Changes `parts`, those of the groups.
SpreadValues spread_values(const std::vector<SplitGroup>& groups, const std::vector<std::vector<int64_t>>& values,
                           const PartSizes& targets, std::vector<Part>& parts);

}  // namespace unet
