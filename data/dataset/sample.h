#pragma once

#include <opencv2/core.hpp>
#include <string>

namespace unet {

/// One image file and the mask file that belongs to it.
struct Pair {
  std::string stem;   ///< the image's file name without its ending
  std::string image;  ///< path
  std::string mask;   ///< path
};

/// An image and its mask, travelling together. Interpolation follows from which of the two it is:
/// images linear, masks nearest.
struct Sample {
  cv::Mat image;  ///< HxWxC, C in RGB(A) order, 8 or 16 bits a channel, or float in [0,1]
  cv::Mat mask;   ///< HxW, CV_8UC1: class index or kIgnoreLabel
};

}  // namespace unet
