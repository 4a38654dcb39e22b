#pragma once

#include <string>
#include <vector>

#include "data/check/checked_data.h"

namespace unet {

struct ClassCounts {
  std::string name;
  std::vector<int64_t> values;  ///< of the masks
  PartCounts pixels{};
  PartCounts images{};  ///< that hold at least one pixel of it
};

/// What the masks of a data set hold.
struct MaskCounts {
  std::vector<ClassCounts> classes;  ///< none where the labels are not known
  PartCounts labelled{};             ///< pixels that have a class
  int64_t ignored = 0;               ///< pixels
  int64_t pixels = 0;                ///< all of them, also those with unknown values
};

MaskCounts count_classes(const CheckedData& data);

/// A class's share of a part's labelled pixels, in [0,1]; 0 where there are none.
double class_share(const MaskCounts& masks, size_t index, Part part);

int64_t sum_of(const PartCounts& counts);

}  // namespace unet
