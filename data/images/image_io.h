#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "data/files/read_file.h"
#include "data/images/image_probe.h"

namespace unet {

/// Reads an image: HxWxC, C = 1, 3 (RGB) or 4 (RGBA), 8 or 16 bits (CV_8U, CV_16U), with the EXIF orientation applied.
/// Palette images become RGB. Throws Error(missing_input), Error(data).
cv::Mat read_image(const std::string& path);

/// Reads the values of a mask: HxW, CV_8UC1 or CV_16UC1, with the EXIF orientation applied. Refuses palette and color
/// files (three equal channels count as gray), and lossy files with more than a few values. Throws
/// Error(missing_input), Error(data) naming the supported kinds of mask.
cv::Mat read_mask_values(const std::string& path);

/// Writes PNG, TIFF, ... by the extension of the path; RGB(A) order. The file is complete or absent, see `write_file`.
/// Throws Error(cannot_create), Error(io).
void write_image(const std::string& path, const cv::Mat& image);

/// Writes one float TIFF with a page for each plane (CV_32FC1), as `write_image` does.
void write_tiff_pages(const std::string& path, const std::vector<cv::Mat>& planes);

/// Whether a file counts as an image, by its extension, when a folder is listed.
bool has_image_extension(const std::string& path);

}  // namespace unet
