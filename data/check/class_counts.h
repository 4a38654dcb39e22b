#pragma once

#include <array>
#include <string>
#include <vector>

#include "data/dataset/open_dataset.h"

namespace unet {

/// A count for each part of the split.
using PartCounts = std::array<int64_t, kPartCount>;

struct ClassCounts {
  std::string name;
  std::vector<LabelKey> values;  ///< mask values that stand for the class
  PartCounts pixels{};
  PartCounts images{};  ///< images with at least one pixel of the class
};

/// Pixels of all masks of a data set.
struct MaskCounts {
  std::vector<ClassCounts> classes;  ///< empty if the labels are unknown
  PartCounts labeled{};              ///< pixels that have a class
  int64_t ignored = 0;               ///< pixels whose value is ignored
  int64_t pixels = 0;                ///< all pixels, including those of unknown values
};

MaskCounts count_classes(const Dataset& data);

/// Returns a class's share of a part's labeled pixels, in [0,1]; 0 if there are none.
double class_share(const MaskCounts& masks, size_t index, Part part);

int64_t sum_of(const PartCounts& counts);

}  // namespace unet
