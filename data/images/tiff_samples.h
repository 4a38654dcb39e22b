#pragma once

#include <tiffio.h>

#include <opencv2/core.hpp>

#include "data/images/tiff_page.h"

namespace unet {

/// Decodes the samples in a rectangle of the page at which `tiff` stands as they are stored, HxWxC in one of the depths
/// of StoredPixels. Integers that are too large for 32 bits make all samples CV_32F. Empty where they do not decode.
cv::Mat read_tiff_samples(TIFF* tiff, const TiffPage& page, const cv::Rect& part);

}  // namespace unet
