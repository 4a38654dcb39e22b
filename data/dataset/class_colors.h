#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// Distinct colours for `count` classes, "#rrggbb"; class 0, mostly the background, is black.
std::vector<std::string> default_class_colors(int64_t count);

/// "#rrggbb" -> (R,G,B). Throws Error(config).
cv::Vec3b parse_color(const std::string& text);

}  // namespace unet
