#pragma once

#include <cstdint>
#include <string>

namespace unet {

enum class ImageFormat { png, jpeg, tiff, bmp, webp };

/// Contents of an image file's header, read before any pixel is decoded.
struct ImageInfo {
  ImageFormat format = ImageFormat::png;
  int64_t width = 0;  ///< as stored, before `orientation` is applied
  int64_t height = 0;
  int channels = 0;        ///< 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA (or CMYK JPEG: refused); palette: 3
  int bits = 8;            ///< per channel: 1, 2, 4, 8, 16 or 32
  bool has_alpha = false;  ///< the last channel is tagged as alpha
  bool palette = false;    ///< pixels are indices into a color table
  bool lossy = false;      ///< JPEG, lossy WebP
  int orientation = 1;     ///< EXIF orientation, 1 to 8
  int pages = 1;           ///< images in the file; reduced-resolution copies and transparency masks do not count
};

/// Recognizes PNG, JPEG, TIFF, BMP and WebP by their first bytes (never by the name), and checks that the file is
/// complete (chunks, end marker, strips, declared size) and has at most kMaxPixels. `name` is for messages. Throws
/// Error(data): empty file, unknown format (saying what it looks like: HTML, text, ...), truncated, broken header,
/// animated, CMYK, too large.
/// `page` counts from 0; the result describes that page.
ImageInfo probe_image(const std::string& bytes, const std::string& name, int page = 0);

/// Largest number of pixels of an image that is decoded.
inline constexpr int64_t kMaxPixels = int64_t{1} << 28;

}  // namespace unet
