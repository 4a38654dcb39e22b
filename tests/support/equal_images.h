#pragma once

#include <opencv2/core.hpp>

namespace unet {

/// Whether two images have the same type, size and pixels.
inline bool is_same_image(const cv::Mat& a, const cv::Mat& b) {
  return a.type() == b.type() && a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0;
}

}  // namespace unet
