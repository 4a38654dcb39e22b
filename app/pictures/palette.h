#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// Returns an RGB picture of class indices (HxW CV_8UC1) in the colors of their classes ("#rrggbb"). Ignored pixels are
/// medium gray.
cv::Mat colored(const cv::Mat& classes, const std::vector<std::string>& colors);

/// Converts an image of any channels and depth to 8-bit RGB for display: gray, RGB, or the first three channels.
/// Values other than 8 bits are stretched between the smallest and the largest.
cv::Mat viewable(const cv::Mat& image);

/// Brightens a dark RGB picture so that only one value in 500 is clipped. Returns a picture unchanged if one value in
/// 500 is above half of white.
cv::Mat brightened(const cv::Mat& picture);

/// Overlays an image with its classes, tinted and outlined (`outline`); the class `background` is not tinted.
cv::Mat overlaid(const cv::Mat& image, const cv::Mat& classes, const std::vector<std::string>& colors,
                 int64_t background = 0);

/// Draws diagonal gray stripes over the pixels of an RGB picture where `mask` (HxW CV_8UC1) is not 0.
void stripe(cv::Mat& picture, const cv::Mat& mask);

}  // namespace unet
