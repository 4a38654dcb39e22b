#pragma once

#include <opencv2/core.hpp>

namespace unet {

/// An image and its mask, which travel together. Each has its own interpolation: linear for the image, nearest neighbor
/// for the mask.
struct Sample {
  cv::Mat image;  ///< HxWxC, C in RGB(A) order, 8 or 16 bits per channel, or float in [0,1]
  cv::Mat mask;   ///< HxW, CV_8UC1: class index or kIgnoreLabel
};

}  // namespace unet
