#pragma once

#include <string>

#include "data/images/image_io.h"

namespace unet {

/// Returns a TIFF file of an image of CV_8U, CV_16U or CV_32F and any number of channels, from which `read_image` gives
/// the same pixels, alpha and missing values: these are NaN in floats, else an unused value that the tag of GDAL names.
/// Throws Error(data) if integers leave no unused value, Error(internal).
std::string encode_tiff(const Image& image);

}  // namespace unet
