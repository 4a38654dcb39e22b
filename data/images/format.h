#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "data/files/random_access_file.h"
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

/// Decodes rectangles of one page of a file. Not for several threads at once.
class RegionDecoder {
 public:
  explicit RegionDecoder(const ImageInfo& info) : info_(info) {}
  virtual ~RegionDecoder() = default;
  const ImageInfo& info() const { return info_; }

  /// Decodes a rectangle within the stored image: the same pixels as `FormatReader::decode` has there. The type may
  /// differ where whole numbers are too large for 32 bits. Throws Error(data), Error(io).
  virtual StoredPixels decode(const cv::Rect& part) = 0;

 private:
  ImageInfo info_;
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

  /// Opens a page for decoding by region, with the checks of `probe`; `head` holds the first bytes of `file`. Both must
  /// outlive the result. Returns null where this file only decodes as a whole; null for formats that always do.
  std::unique_ptr<RegionDecoder> (*open_regions)(const RandomAccessFile& file, const ByteView& head,
                                                 int page) = nullptr;
};

extern const FormatReader kPng, kJpeg, kTiff, kBmp, kWebp, kGif, kJpeg2000, kPnm, kNpy;

/// The supported formats.
const std::vector<FormatReader>& format_readers();

/// Returns the format of a file; null if it is none of these.
const FormatReader* recognize_format(const ByteView& file);

/// Throws Error(data) for images that are empty, have too many channels, or are too large to be decoded as a whole;
/// large ones pass where only a part of the file is in memory.
void check_header(const ByteView& file, const ImageInfo& info);

/// Throws Error(data) for images that are empty or larger than kMaxPixels.
void check_dimensions(const ByteView& file, int64_t width, int64_t height);

/// Returns the type of a decoded image of unsigned integers of at most 16 bits.
inline int decoded_type(const ImageInfo& info) { return CV_MAKETYPE(info.bits > 8 ? CV_16U : CV_8U, info.channels); }

}  // namespace unet
