#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

namespace unet {

/// Mean and standard deviation of one channel, of values scaled to [0,1] (32 bits: as they are).
struct ChannelStatistics {
  double mean = 0;
  double deviation = 1;
};

/// An image and its mask, which travel together. Each has its own interpolation: linear for the image, nearest neighbor
/// for the mask.
struct Sample {
  cv::Mat image;  ///< HxWxC, colors in RGB(A) order, 8 or 16 bits per channel, or float
  cv::Mat mask;   ///< HxW, CV_8UC1: class index or kIgnoreLabel
  /// Statistics of the whole stored image by channel, if it is normalized by them; else empty.
  std::vector<ChannelStatistics> statistics{};
  std::shared_ptr<const void> storage{};  ///< holds the pixels where image and mask do not own them
  cv::Mat weight{};                       ///< HxW, CV_32FC1: weight of each pixel in the loss; empty: 1
};

}  // namespace unet
