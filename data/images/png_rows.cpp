#include "data/images/png_rows.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/images/format.h"

namespace unet {
namespace {

constexpr size_t kFirstChunk = 8, kAroundChunk = 12;  ///< bytes of the signature; of length, type and checksum

/// Returns the compressed samples of a file that has nothing but plain rows of whole bytes.
std::optional<std::string> compressed_rows(const ByteView& file, const ImageInfo& info) {
  constexpr size_t kMethods = kFirstChunk + 8 + 10;  // of compression, filters and interlacing, in the header
  if (file.part(kMethods, 3) != std::string_view("\0\0\0", 3)) return std::nullopt;
  if (info.bits != 8 && (info.bits != 16 || info.palette)) return std::nullopt;
  std::string data;
  bool has_palette = false, has_ended = false;
  for (size_t chunk = kFirstChunk;;) {
    const size_t length = file.u32_be(chunk);
    const std::string_view type = file.part(chunk + 4, 4), contents = file.part(chunk + 8, length);
    if (type == "IEND") break;
    if (type == "IDAT" && has_ended) return std::nullopt;
    if (type == "IDAT") data += contents;
    has_ended = !data.empty() && type != "IDAT";
    if (type == "PLTE") has_palette = !has_palette && data.empty() && length % 3 == 0 && length > 0 && length <= 768;
    const bool is_critical = type[0] >= 'A' && type[0] <= 'Z';
    if (is_critical && type != "IHDR" && type != "IDAT" && type != "PLTE") return std::nullopt;
    chunk += kAroundChunk + length;
  }
  if (info.palette && !has_palette) return std::nullopt;
  return data;
}

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

/// Decompresses exactly as many bytes as `out` has, and checks them.
bool decompress(const std::string& data, std::vector<uint8_t>& out) {
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  return decompressor != nullptr && libdeflate_zlib_decompress(decompressor.get(), data.data(), data.size(), out.data(),
                                                               out.size(), nullptr) == LIBDEFLATE_SUCCESS;
}

uint8_t paeth(int left, int up, int corner) {
  const int to_left = std::abs(up - corner), to_up = std::abs(left - corner);
  const int to_corner = std::abs(left + up - 2 * corner);
  return static_cast<uint8_t>(to_left <= to_up && to_left <= to_corner ? left : to_up <= to_corner ? up : corner);
}

/// Undoes the filter of a row. `above` is the row before, or zeros. The number of bytes of a pixel is a template
/// argument so that the compiler keeps the pixel to the left in registers.
template <size_t pixel>
bool unfilter(int filter, const uint8_t* in, const uint8_t* above, uint8_t* out, size_t count) {
  uint8_t left[pixel] = {}, corner[pixel] = {};
  const auto for_pixels = [&](auto predict) {
    for (size_t i = 0; i < count; i += pixel)
      for (size_t k = 0; k < pixel; ++k) {
        const uint8_t up = above[i + k];
        left[k] = out[i + k] = static_cast<uint8_t>(in[i + k] + predict(left[k], up, corner[k]));
        corner[k] = up;
      }
  };
  switch (filter) {
    case 0:
      std::copy_n(in, count, out);
      return true;
    case 1:
      for_pixels([](int from_left, int, int) { return from_left; });
      return true;
    case 2:
      for (size_t i = 0; i < count; ++i) out[i] = static_cast<uint8_t>(in[i] + above[i]);
      return true;
    case 3:
      for_pixels([](int from_left, int up, int) { return (from_left + up) / 2; });
      return true;
    case 4:
      for_pixels([](int from_left, int up, int from_corner) { return paeth(from_left, up, from_corner); });
      return true;
    default:
      return false;
  }
}

using Unfilter = bool (*)(int, const uint8_t*, const uint8_t*, uint8_t*, size_t);

Unfilter unfilter_of(size_t pixel_bytes) {
  switch (pixel_bytes) {
    case 1:
      return unfilter<1>;
    case 2:
      return unfilter<2>;
    case 3:
      return unfilter<3>;
    case 4:
      return unfilter<4>;
    case 6:
      return unfilter<6>;
    default:
      return unfilter<8>;
  }
}

/// Exchanges the bytes of each sample of 16 bits.
void swap_bytes(cv::Mat& image) {
  const size_t count = static_cast<size_t>(image.cols) * static_cast<size_t>(image.channels());
  for (int y = 0; y < image.rows; ++y) {
    auto* row = image.ptr<uint16_t>(y);
    for (size_t i = 0; i < count; ++i) row[i] = static_cast<uint16_t>(row[i] << 8 | row[i] >> 8);
  }
}

}  // namespace

cv::Mat decode_png_rows(const ByteView& file, const ImageInfo& info) {
  constexpr size_t kMaxBytes = 64 << 20;  // the rows are in memory twice
  const int type = info.palette ? CV_8UC1 : decoded_type(info);
  const size_t row_bytes = static_cast<size_t>(info.width) * static_cast<size_t>(CV_ELEM_SIZE(type));
  const auto height = static_cast<size_t>(info.height);
  if (row_bytes + 1 > kMaxBytes / height) return {};
  const std::optional<std::string> data = compressed_rows(file, info);
  std::vector<uint8_t> rows(height * (row_bytes + 1));
  if (!data || !decompress(*data, rows)) return {};
  cv::Mat image(static_cast<int>(info.height), static_cast<int>(info.width), type);
  const Unfilter undo = unfilter_of(static_cast<size_t>(CV_ELEM_SIZE(type)));
  const std::vector<uint8_t> zeros(row_bytes);
  const uint8_t* above = zeros.data();
  for (size_t y = 0; y < height; ++y) {
    const uint8_t* row = rows.data() + y * (row_bytes + 1);
    uint8_t* out = image.ptr(static_cast<int>(y));
    if (!undo(row[0], row + 1, above, out, row_bytes)) return {};
    above = out;
  }
  if (info.bits == 16) swap_bytes(image);
  return image;
}

}  // namespace unet
