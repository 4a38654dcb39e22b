#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// Class indices (HxW CV_8UC1) -> RGB picture; ignored pixels mid-grey.
cv::Mat colored(const cv::Mat& classes, const std::vector<std::string>& colors);

/// Any image of Preprocessing (1, 3 or 4 channels, 8 or 16 bits) -> 8-bit RGB for looking at.
cv::Mat viewable(const cv::Mat& image);

/// A dark RGB picture with its values multiplied so that nearly all of them reach no further than white; one that
/// is not dark (a value in 500 is above half of white) as it is.
cv::Mat brightened(const cv::Mat& picture);

/// The image with its classes over it: the class `ground` left as it is, the others tinted and outlined.
cv::Mat overlaid(const cv::Mat& image, const cv::Mat& classes, const std::vector<std::string>& colors,
                 int64_t ground = 0);

/// Lays diagonal grey stripes over the pixels of an RGB picture that `where` (HxW CV_8UC1) marks.
void stripe(cv::Mat& picture, const cv::Mat& where);

}  // namespace unet
