#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

namespace unet {

/// An object in a mask: a connected component (8 neighbors) of one label value.
struct LabelObject {
  int64_t value = 0;
  int64_t pixels = 0;
  /// Pixels across at the widest place: twice the largest distance of a pixel from the object's edge, plus 1. The edge
  /// is the object's pixels with a side on another value or on the border of the mask, so that a bar of w pixels has w
  /// for an odd w, and w - 1 for an even one.
  float thickness = 0;
};

/// The objects of one mask.
struct MaskObjects {
  bool is_measured = false;          ///< false where nobody wanted them, and for unusable samples
  bool has_too_many = false;         ///< more than kMaxObjectsPerMask, so that none is listed
  std::vector<LabelObject> objects;  ///< by value; those of one value in the order of their lower ends
};

inline constexpr size_t kMaxObjectsPerMask = 10000;

/// Measures the objects of a mask (see `require_label_type`), those of value 0 too.
MaskObjects measure_objects(const cv::Mat& values);

}  // namespace unet
