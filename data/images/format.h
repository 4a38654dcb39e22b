#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/images/byte_view.h"
#include "data/images/image_probe.h"

namespace unet {

/// The pixels of an image as a file stores them.
struct StoredPixels {
  /// HxWxC of CV_8U, CV_16U, CV_32S or CV_32F: colors in RGB order, alpha last. Values of fewer than 8 bits are not
  /// scaled. With a palette: one channel of indices.
  cv::Mat samples;
  std::vector<cv::Vec3b> palette{};  ///< RGB by index; empty without a palette
  cv::Mat invalid{};                 ///< CV_8UC1, 255 where the file has no value; empty if it has all
};

/// Reader of one image file format. All functions throw Error(data) naming the file.
struct FormatReader {
  ImageFormat format;
  const char* name;  ///< for messages

  /// Recognizes the format by the first bytes, never by the file's name.
  bool (*matches)(const ByteView& file);

  /// Reads the header of a page (from 0) and checks that the file is complete. No pixel is decoded. A format of single
  /// images describes that image for every page.
  ImageInfo (*probe)(const ByteView& file, int page);

  /// Decodes a page, of which `info` is the header. The orientation is not applied.
  StoredPixels (*decode)(const ByteView& file, const ImageInfo& info, int page);
};

extern const FormatReader kPng, kJpeg, kTiff, kBmp, kWebp, kGif, kJpeg2000, kPnm, kNpy;

/// The supported formats.
const std::vector<FormatReader>& format_readers();

/// Throws Error(data) for images that are empty or larger than kMaxPixels.
void check_dimensions(const ByteView& file, int64_t width, int64_t height);

/// Returns the type of a decoded image of unsigned integers of at most 16 bits.
inline int decoded_type(const ImageInfo& info) { return CV_MAKETYPE(info.bits > 8 ? CV_16U : CV_8U, info.channels); }

}  // namespace unet
