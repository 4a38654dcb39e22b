#pragma once

#include <cstdint>
#include <map>
#include <opencv2/core.hpp>

#include "data/dataset/label_values.h"

namespace unet {

/// Shape of a value that may mark pixels to leave out, in one mask or several.
struct BorderShape {
  int64_t pixels = 0;
  int64_t thick = 0;    ///< pixels that are more than 5 pixels away from every other value
  int64_t between = 0;  ///< pixels within 5 pixels of at least two other values
};

/// Shapes that the label values of one mask form. They tell classes from object numbers, soft edges and borders.
struct MaskShapes {
  bool is_measured = false;                ///< masks of one or two values are not
  ValueCounts flat;                        ///< pixels whose 3x3 neighborhood has a single value, by that value
  int64_t pieces = 0;                      ///< connected components of values other than 0
  std::map<int64_t, BorderShape> borders;  ///< of the values that `may_be_void` names
};

/// Whether a value is one that tools write for pixels without a class: -1, 255 or 65535.
bool may_be_void(int64_t value);

/// Measures a mask (see `require_label_type`) whose values were counted.
MaskShapes measure_shapes(const cv::Mat& values, const ValueCounts& counts);

}  // namespace unet
