#pragma once

#include <cstdint>
#include <opencv2/core.hpp>

namespace unet {

/// Returns a hash of the pixels, the width and the type of an image or of label values.
uint64_t content_hash(const cv::Mat& image);

}  // namespace unet
