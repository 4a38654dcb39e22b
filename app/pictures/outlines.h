#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// Outlines the classes (HxW CV_8UC1) of an RGB picture: a bright line of one pixel along the inner edge of each area,
/// in the color of its class ("#rrggbb"), and a black one outside it, so that an outline is visible on any image. Where
/// two classes meet, the higher one has the line. `background` and ignored pixels have none.
void outline(cv::Mat& picture, const cv::Mat& classes, const std::vector<std::string>& colors, int64_t background);

/// Returns a color of the same hue that is bright enough for a line on black; light gray for black.
cv::Vec3b line_color(const cv::Vec3b& color);

}  // namespace unet
