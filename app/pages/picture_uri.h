#pragma once

#include <opencv2/core.hpp>
#include <string>

namespace unet {

/// Returns a picture (RGB, 8 bits) as a data URI for a page: PNG, or JPEG where that is smaller.
std::string picture_uri(const cv::Mat& picture);

/// Encodes bytes in base64. Source: RFC 4648, section 4.
std::string base64(const std::string& bytes);

}  // namespace unet
