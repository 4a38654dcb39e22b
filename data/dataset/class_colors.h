#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// Returns distinct colors for `count` classes, "#rrggbb"; class 0, usually the background, is black.
std::vector<std::string> default_class_colors(int64_t count);

/// Converts "#rrggbb" to (R,G,B). Throws Error(config).
cv::Vec3b parse_color(const std::string& text);

}  // namespace unet
