#pragma once

#include <opencv2/core.hpp>

namespace unet {

/// Skeleton of a mask, one pixel wide: the same components and holes, and lines along the middle. mask: HxW CV_8UC1,
/// not 0 inside; the result is 0 or 255. Source: Zhang & Suen 1984, doi:10.1145/357994.358023; unlike there, a
/// component of 2x2 pixels keeps one of them.
cv::Mat skeleton(const cv::Mat& mask);

}  // namespace unet
