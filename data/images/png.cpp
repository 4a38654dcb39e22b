// Source: Portable Network Graphics (PNG) Specification, third edition, W3C 2025.

#include <libdeflate.h>
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include "data/images/exif.h"
#include "data/images/format.h"
#include "data/images/png_rows.h"

namespace unet {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n"sv;
constexpr size_t kChunkFrame = 12;          // length, type and checksum around the data of a chunk
constexpr int64_t kDeflateMaxRatio = 1032;  // no deflate stream expands further

bool is_png(const ByteView& file) { return file.has(kSignature, 0); }

void read_color_type(const ByteView& file, ImageInfo& info, int color_type) {
  switch (color_type) {
    case PNG_COLOR_TYPE_GRAY:
      info.channels = 1;
      return;
    case PNG_COLOR_TYPE_RGB:
      info.channels = 3;
      return;
    case PNG_COLOR_TYPE_PALETTE:
      info.channels = 3;
      info.palette = true;
      return;
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      info.channels = 2;
      info.has_alpha = true;
      return;
    case PNG_COLOR_TYPE_RGB_ALPHA:
      info.channels = 4;
      info.has_alpha = true;
      return;
    default:
      file.refuse("broken PNG header: got color type ", color_type, ", expected 0, 2, 3, 4 or 6");
  }
}

ImageInfo read_header(const ByteView& file, size_t data, size_t length) {
  if (length != 13) file.refuse("broken PNG header: got ", length, " bytes, expected 13");
  ImageInfo info;
  info.format = ImageFormat::png;
  info.width = file.u32_be(data);
  info.height = file.u32_be(data + 4);
  info.bits = file.u8(data + 8);
  const int bits = info.bits;
  if (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16)
    file.refuse("broken PNG header: got ", bits, " bits per channel, expected 1, 2, 4, 8 or 16");
  read_color_type(file, info, file.u8(data + 9));
  return info;
}

void check_crc(const ByteView& file, size_t chunk, size_t length) {
  const uint32_t crc = libdeflate_crc32(0, file.data() + chunk + 4, length + 4);
  if (crc != file.u32_be(chunk + 8 + length))
    file.refuse("damaged PNG: the checksum of the chunk at byte ", chunk, " is wrong. Copy or download it again");
}

/// Refuses a file that claims more pixels than its data can hold, before memory is allocated for them.
void check_plausible(const ByteView& file, const ImageInfo& info, size_t compressed_bytes) {
  const int64_t bits = (info.palette ? 1 : info.channels) * info.bits;
  const double needed = static_cast<double>(info.width) * static_cast<double>(info.height * bits) / 8;
  if (needed > static_cast<double>(compressed_bytes) * kDeflateMaxRatio)
    file.refuse("damaged PNG: got ", compressed_bytes, " bytes of pixel data, too few for the ", info.width, "x",
                info.height, " pixels that the header declares. Copy or download it again");
}

ImageInfo probe_png(const ByteView& file, int /*page*/) {
  ImageInfo info;
  size_t compressed_bytes = 0;
  for (size_t chunk = kSignature.size();;) {
    file.need(chunk, kChunkFrame);
    const size_t length = file.u32_be(chunk);
    file.need(chunk, kChunkFrame + length);
    check_crc(file, chunk, length);
    const std::string_view type = file.part(chunk + 4, 4);
    if ((chunk == kSignature.size()) != (type == "IHDR")) file.refuse("broken PNG: its header is not the first chunk");
    if (type == "IHDR") info = read_header(file, chunk + 8, length);
    if (type == "acTL") file.refuse("animated PNG; expected a single image. Save one frame as its own file");
    if (type == "eXIf") info.orientation = exif_orientation(file.part(chunk + 8, length));
    if (type == "IDAT") compressed_bytes += length;
    if (type == "IEND") break;
    chunk += kChunkFrame + length;
  }
  check_plausible(file, info, compressed_bytes);
  return info;
}

/// State of libpng's callbacks.
struct Source {
  const ByteView& file;
  size_t offset = 0;
  char message[128] = "";
};

void read_bytes(png_structp png, png_bytep out, size_t count) {
  auto& source = *static_cast<Source*>(png_get_io_ptr(png));
  if (count > source.file.size() - source.offset) png_error(png, "unexpected end");
  std::memcpy(out, source.file.data() + source.offset, count);
  source.offset += count;
}

void on_error(png_structp png, png_const_charp message) {
  auto& source = *static_cast<Source*>(png_get_error_ptr(png));
  std::snprintf(source.message, sizeof source.message, "%s", message);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}  // libpng would print warnings, which concern unused metadata

/// Returns false if libpng found a fault. No local may have a destructor, because libpng leaves by longjmp.
bool read_rows(png_structp png, png_infop header, Source* source, png_bytepp rows, size_t row_bytes) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_read_fn(png, source, read_bytes);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_read_info(png, header);
  png_set_packing(png);
  png_set_swap(png);  // 16-bit samples to little-endian; no effect on others
  png_set_interlace_handling(png);
  png_read_update_info(png, header);
  if (png_get_rowbytes(png, header) != row_bytes) png_error(png, "rows of an unexpected length");
  png_read_image(png, rows);
  return true;
}

/// Returns the palette, RGB by index; black for indices that it does not define.
std::vector<cv::Vec3b> palette_of(const ByteView& file, int bits) {
  std::vector<cv::Vec3b> palette(256, cv::Vec3b(0, 0, 0));
  for (size_t chunk = kSignature.size(); file.part(chunk + 4, 4) != "IEND"; chunk += kChunkFrame + file.u32_be(chunk)) {
    if (file.part(chunk + 4, 4) != "PLTE") continue;
    const size_t entries = std::min<size_t>(file.u32_be(chunk) / 3, size_t{1} << bits);
    for (size_t i = 0, at = chunk + 8; i < entries; ++i, at += 3)
      palette[i] = {file.u8(at), file.u8(at + 1), file.u8(at + 2)};
    break;
  }
  return palette;
}

/// Decodes the samples with libpng.
cv::Mat read_with_libpng(const ByteView& file, const ImageInfo& info) {
  const int type = info.palette ? CV_8UC1 : decoded_type(info);
  cv::Mat image(static_cast<int>(info.height), static_cast<int>(info.width), type);
  std::vector<png_bytep> rows;
  for (int y = 0; y < image.rows; ++y) rows.push_back(image.ptr(y));

  Source source{file};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
  png_infop header = png != nullptr ? png_create_info_struct(png) : nullptr;
  const size_t row_bytes = static_cast<size_t>(image.cols) * image.elemSize();
  const bool complete = header != nullptr && read_rows(png, header, &source, rows.data(), row_bytes);
  png_destroy_read_struct(&png, &header, nullptr);
  if (!complete) file.refuse("damaged PNG: ", source.message, ". Copy or download it again");
  return image;
}

StoredPixels decode_png(const ByteView& file, const ImageInfo& info, int /*page*/) {
  StoredPixels pixels{decode_png_rows(file, info)};
  if (pixels.samples.empty()) pixels.samples = read_with_libpng(file, info);
  if (info.palette) pixels.palette = palette_of(file, info.bits);
  return pixels;
}

}  // namespace

const FormatReader kPng{ImageFormat::png, "PNG", is_png, probe_png, decode_png};

}  // namespace unet
