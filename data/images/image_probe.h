#pragma once

#include <cstdint>
#include <string>

namespace unet {

enum class ImageFormat { png, jpeg, tiff, bmp, webp, gif, jpeg2000, pnm, npy };

/// Kind of the numbers that a file stores.
enum class SampleKind { unsigned_integer, signed_integer, floating };

/// Contents of an image file's header, read before any pixel is decoded.
struct ImageInfo {
  ImageFormat format = ImageFormat::png;
  int64_t width = 0;  ///< as stored, before `orientation` is applied
  int64_t height = 0;
  int channels = 0;  ///< of the decoded image: 1 gray, 3 RGB, alpha and other channels after these; palette: 3
  SampleKind kind = SampleKind::unsigned_integer;
  int bits = 8;            ///< per channel as stored: 1 to 16, 32 or 64
  int64_t white = 0;       ///< value of full intensity; 0: the largest value of `bits` bits
  bool has_alpha = false;  ///< the last channel is tagged as alpha
  bool palette = false;    ///< pixels are indices into a color table
  bool lossy = false;      ///< JPEG, lossy WebP, lossy JPEG 2000
  std::string converted;   ///< color model that decoding converts to RGB, e.g. "CMYK"; "": none
  int orientation = 1;     ///< EXIF orientation, 1 to 8
  int pages = 1;           ///< images in the file; reduced-resolution copies and transparency masks do not count
};

/// Returns the depth and the number of bytes of the image that `read_image` makes of a file.
int decoded_depth(const ImageInfo& info);
int64_t decoded_bytes(const ImageInfo& info);

/// Recognizes the format by the first bytes (never by the name), and checks that the file is complete (chunks, end
/// marker, strips, declared size) and has at most kMaxPixels, kMaxChannels and kMaxDecodedBytes. `name` is for
/// messages. Throws Error(data): empty file, unknown format (saying what it looks like and how to convert it),
/// truncated, broken header, animated, too large. `page` counts from 0; the result describes that page.
ImageInfo probe_image(const std::string& bytes, const std::string& name, int page = 0);

/// Largest number of bytes of a file that is decoded as a whole.
inline constexpr uint64_t kMaxFileBytes = (uint64_t{1} << 31) - 1;

/// Largest number of pixels of an image that is decoded as a whole.
inline constexpr int64_t kMaxPixels = int64_t{1} << 28;

/// Largest height and width of an image, as OpenCV has it.
inline constexpr int64_t kMaxSide = int64_t{1} << 20;

/// Largest number of channels of an image that is decoded.
inline constexpr int kMaxChannels = 64;

/// Largest number of bytes of an image that is decoded.
inline constexpr int64_t kMaxDecodedBytes = int64_t{1} << 32;

}  // namespace unet
