#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <string>

#include "data/images/format.h"
#include "data/images/image_io.h"

namespace unet {

/// Reads rectangles of an image file without holding the rest of it. Not for several threads at once.
class RegionReader {
 public:
  /// Opens an image, or a page (from 0) of a file. Returns null where pixels can only be read from the whole image:
  /// other formats than TIFF, NPY, binary PNM and BMP, converted color models, EXIF rotations; also where the file is
  /// damaged, missing or refused, for which `read_image` gives the reason. Images may be larger than `read_image`
  /// allows.
  static std::unique_ptr<RegionReader> open(const std::string& path, int page = kOnlyPage);

  const ImageInfo& info() const { return decoder_->info(); }
  cv::Size size() const { return {static_cast<int>(info().width), static_cast<int>(info().height)}; }

  /// Returns what `read_image` returns within a rectangle of the image. Throws Error(data), Error(io).
  Image read_image(const cv::Rect& part);

  /// Whether the label values within a rectangle do not depend on the rest of the mask: one channel, or a palette whose
  /// indices are read. Whether several channels are gray values or colors depends on the whole mask.
  bool has_local_labels(const MaskReading& reading) const;

  /// Returns what `read_mask` returns within a rectangle of a mask of local labels. Throws Error(data), Error(io).
  Mask read_mask(const cv::Rect& part, const MaskReading& reading);

 private:
  explicit RegionReader(const std::string& path);
  StoredPixels decode(const cv::Rect& part);

  RandomAccessFile file_;
  std::string head_;
  std::unique_ptr<RegionDecoder> decoder_;
};

}  // namespace unet
