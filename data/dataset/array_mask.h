#pragma once

#include <opencv2/core.hpp>
#include <string>

namespace unet {

/// Reads the masks of Cellpose's NAME_seg.npy: CV_32SC1, object numbers from 1. Throws Error(missing_input),
/// Error(data).
cv::Mat read_array_mask(const std::string& path);

}  // namespace unet
