#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "data/images/image_probe.h"
#include "data/files/read_file.h"

namespace unet {

/// An image as stored: HxWxC, C = 1, 3 (RGB) or 4 (RGBA), 8 or 16 bits (CV_8U, CV_16U), EXIF
/// orientation applied. Palette images come as colours. Throws Error(missing_input), Error(data).
cv::Mat read_image(const std::string& path);

/// A mask's raw values: HxW, CV_8UC1 or CV_16UC1, EXIF orientation applied. Refuses palette and colour
/// files (three equal channels count as grey) and lossy ones that hold other than a few values.
/// Throws Error(missing_input), Error(data) saying which kinds of mask are read.
cv::Mat read_mask_values(const std::string& path);

/// Writes PNG, TIFF, ... by the path's ending; RGB(A) order. The file is complete or absent: written
/// beside, synced, renamed. Throws Error(cannot_create), Error(io).
void write_image(const std::string& path, const cv::Mat& image);

/// One float TIFF with a page for each plane (CV_32FC1), written as `write_image` does.
void write_tiff_pages(const std::string& path, const std::vector<cv::Mat>& planes);

/// Endings of files that count as images when a folder is listed, lower case with the dot.
bool has_image_extension(const std::string& path);

}  // namespace unet
