#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// Class indices (HxW CV_8UC1) -> RGB picture; ignored pixels mid-grey.
cv::Mat colored(const cv::Mat& classes, const std::vector<std::string>& colors);

/// Any image of Preprocessing (1, 3 or 4 channels, 8 or 16 bits) -> 8-bit RGB for looking at.
cv::Mat viewable(const cv::Mat& image);

/// The image with its classes over it: class 0 left as it is, the others tinted and outlined.
cv::Mat overlaid(const cv::Mat& image, const cv::Mat& classes, const std::vector<std::string>& colors);

}  // namespace unet
