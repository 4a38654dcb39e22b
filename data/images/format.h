#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/images/byte_view.h"
#include "data/images/image_probe.h"

namespace unet {

/// Reader of one image file format. All functions throw Error(data) naming the file.
struct FormatReader {
  ImageFormat format;
  const char* name;  ///< for messages

  /// Recognizes the format by the first bytes, never by the file's name.
  bool (*matches)(const ByteView& file);

  /// Reads the header and checks that the file is complete. No pixel is decoded.
  ImageInfo (*probe)(const ByteView& file);

  /// Decodes the pixels as stored: HxWxC of CV_8U or CV_16U, C = 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. Gray of fewer
  /// than 8 bits is not scaled, palettes become RGB, the orientation is not applied.
  cv::Mat (*decode)(const ByteView& file, const ImageInfo& info);
};

extern const FormatReader kPng, kJpeg, kTiff, kBmp, kWebp;

/// The supported formats.
const std::vector<FormatReader>& format_readers();

/// Throws Error(data) for images that are empty or larger than kMaxPixels.
void check_dimensions(const ByteView& file, int64_t width, int64_t height);

/// Returns the type of the decoded image: CV_8UC(channels) or CV_16UC(channels).
inline int decoded_type(const ImageInfo& info) { return CV_MAKETYPE(info.bits > 8 ? CV_16U : CV_8U, info.channels); }

}  // namespace unet
