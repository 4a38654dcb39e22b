#include "data/images/png_writer.h"

#include <png.h>

#include <csetjmp>
#include <cstdio>

#include "configs/schema/error.h"

namespace unet {
namespace {

/// State of libpng's callbacks.
struct PngOutput {
  std::string bytes;
  char message[128] = "";
};

void append_png_bytes(png_structp png, png_bytep data, size_t count) {
  static_cast<PngOutput*>(png_get_io_ptr(png))->bytes.append(reinterpret_cast<const char*>(data), count);
}

void keep_png_bytes(png_structp) {}

void on_png_write_error(png_structp png, png_const_charp message) {
  auto& output = *static_cast<PngOutput*>(png_get_error_ptr(png));
  std::snprintf(output.message, sizeof output.message, "%s", message);
  png_longjmp(png, 1);
}

void on_png_write_warning(png_structp, png_const_charp) {}

struct PngHeader {
  uint32_t width, height;
  int bits, color_type;
};

/// Returns false if libpng found a fault. No local may have a destructor, because libpng leaves by longjmp.
bool write_png(png_structp png, png_infop info, PngOutput* output, const PngHeader* header, png_colorp palette,
               int colors, png_bytepp rows) {
  constexpr int kCompression = 3;
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_write_fn(png, output, append_png_bytes, keep_png_bytes);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_compression_level(png, kCompression);
  png_set_IHDR(png, info, header->width, header->height, header->bits, header->color_type, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (colors > 0) png_set_PLTE(png, info, palette, colors);
  png_write_info(png, info);
  png_set_swap(png);  // 16-bit samples are big-endian in the file; no effect on others
  png_write_image(png, rows);
  png_write_end(png, nullptr);
  return true;
}

int png_color_type(const cv::Mat& pixels, bool has_palette) {
  if (has_palette) return PNG_COLOR_TYPE_PALETTE;
  switch (pixels.channels()) {
    case 1:
      return PNG_COLOR_TYPE_GRAY;
    case 3:
      return PNG_COLOR_TYPE_RGB;
    case 4:
      return PNG_COLOR_TYPE_RGB_ALPHA;
    default:
      fail(ErrorKind::internal, "PNG of ", pixels.channels(), " channels, expected 1, 3 or 4");
  }
}

}  // namespace

std::string encode_png(const cv::Mat& pixels, const std::vector<cv::Vec3b>& palette) {
  const bool is_storable = palette.empty() ? pixels.depth() == CV_8U || pixels.depth() == CV_16U
                                           : pixels.type() == CV_8UC1 && palette.size() <= 256;
  if (!is_storable) fail(ErrorKind::internal, "PNG of pixels of type ", pixels.type(), ", expected 8 or 16 bits");
  const PngHeader header{static_cast<uint32_t>(pixels.cols), static_cast<uint32_t>(pixels.rows),
                         pixels.depth() == CV_16U ? 16 : 8, png_color_type(pixels, !palette.empty())};
  std::vector<png_color> colors;
  for (const cv::Vec3b& color : palette) colors.push_back({color[0], color[1], color[2]});
  std::vector<png_bytep> rows;
  for (int y = 0; y < pixels.rows; ++y) rows.push_back(const_cast<png_bytep>(pixels.ptr(y)));

  PngOutput output;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &output, on_png_write_error, on_png_write_warning);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
  const bool is_written = info != nullptr && write_png(png, info, &output, &header, colors.data(),
                                                       static_cast<int>(colors.size()), rows.data());
  png_destroy_write_struct(&png, &info);
  if (!is_written) fail(ErrorKind::internal, "libpng failed: ", output.message);
  return std::move(output.bytes);
}

}  // namespace unet
