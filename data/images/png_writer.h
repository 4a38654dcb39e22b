#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// Returns a PNG file of CV_8U or CV_16U with 1 (gray), 3 (RGB) or 4 (RGBA) channels. With a `palette` of at most 256
/// colors (RGB by index), `pixels` are indices into it (CV_8UC1). Throws Error(internal).
std::string encode_png(const cv::Mat& pixels, const std::vector<cv::Vec3b>& palette = {});

}  // namespace unet
