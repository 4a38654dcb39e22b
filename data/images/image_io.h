#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "data/files/read_file.h"
#include "data/images/image_probe.h"
#include "data/images/mask_reading.h"

namespace unet {

/// An image as it was read, with the EXIF orientation applied.
struct Image {
  /// HxWxC of CV_8U or CV_16U, whose full range stands for [0,1], or of CV_32F, whose values are taken as they are.
  /// Colors are in RGB order. Palette images are RGB, gray images with alpha are RGBA.
  cv::Mat pixels;
  bool has_alpha = false;   ///< the last channel is tagged as alpha
  cv::Mat invalid{};        ///< CV_8UC1, 255 where the file has no value (pixels are 0); empty if it has all
  std::string converted{};  ///< color model that was converted to RGB, e.g. "CMYK"; "": none
  int orientation = 1;      ///< EXIF orientation that was applied
};

/// The page of a file that has only one; a file of several pages is refused.
inline constexpr int kOnlyPage = -1;

/// Reads an image, or a page (from 0) of a file. Throws Error(missing_input), Error(data).
Image read_image(const std::string& path, int page = kOnlyPage);

/// Returns the number that a stored value is divided by to lie in [0,1]: 255 or 65535, and 1 for CV_32F.
inline double full_range(int depth) { return depth == CV_8U ? 255 : depth == CV_16U ? 65535 : 1; }

/// The orientation of labels that no image file stores.
inline constexpr int kNoOrientation = 0;

/// The labels of a mask file, with the EXIF orientation applied.
struct Mask {
  cv::Mat values;                    ///< label values, see `require_label_type` in data/dataset/label_values.h
  std::vector<cv::Vec3b> palette{};  ///< RGB by label value, if the values are indices of a palette
  bool is_lossy = false;             ///< the file's compression changes values
  int orientation = 1;               ///< EXIF orientation that was applied
};

/// Turns stored pixels as an EXIF orientation says. Source: Exif 2.32, JEITA CP-3451E, tag 0x0112.
cv::Mat apply_orientation(const cv::Mat& stored, int orientation);

/// The orientation that takes the effect of another one back.
inline int opposite_orientation(int orientation) { return orientation == 6 ? 8 : orientation == 8 ? 6 : orientation; }

/// Reads the label values of a mask, or of a page (from 0) of a file: gray values, palette indices, or colors. Channels
/// that are equal everywhere are one gray channel; whole numbers stored as floats are integers. Throws
/// Error(missing_input), Error(data), also for a mask with transparency that `reading` does not ask for.
Mask read_mask(const std::string& path, const MaskReading& reading = {}, int page = kOnlyPage);

/// Writes PNG, TIFF, ... by the extension of the path; RGB(A) order. The file is complete or absent, see `write_file`.
/// Throws Error(cannot_create), Error(io).
void write_image(const std::string& path, const cv::Mat& image);

/// Writes one float TIFF with a page for each plane (CV_32FC1), as `write_image` does.
void write_tiff_pages(const std::string& path, const std::vector<cv::Mat>& planes);

/// Extensions of files that count as images when a folder is listed, lower case with their dots. What such a file holds
/// is told by its contents.
const std::vector<std::string>& image_extensions();

/// Whether a file counts as an image when a folder is listed: by its extension, in any case. Cellpose's _seg.npy files
/// hold Python objects and do not count.
bool has_image_extension(const std::string& path);

}  // namespace unet
