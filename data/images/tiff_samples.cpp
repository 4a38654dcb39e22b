#include "data/images/tiff_samples.h"

#include <algorithm>
#include <vector>

#include "data/images/sample_type.h"

namespace unet {
namespace {

/// Unpacks unsigned samples of 1 to 15 bits, the first in the high bits.
template <class T>
void unpack(const uint8_t* packed, int bits, size_t count, T* out) {
  uint32_t window = 0;
  int held = 0;
  for (size_t i = 0; i < count; ++i) {
    for (; held < bits; held += 8) window = window << 8 | *packed++;
    held -= bits;
    out[i] = static_cast<T>(window >> held & ((1U << bits) - 1));
  }
}

/// Converts rows of samples from the form that libtiff gives them in.
struct RowConverter {
  SampleType type;
  int depth;
  bool fits = true;  ///< no integer so far was too large for `depth`

  bool is_packed() const { return type.bits < 16 && type.bits != 8; }
  size_t bytes(size_t samples) const { return (samples * static_cast<size_t>(type.bits) + 7) / 8; }

  void convert(const uint8_t* row, size_t samples, uint8_t* out) {
    if (!is_packed())
      fits = convert_samples(row, type, samples, depth, out) && fits;
    else if (type.bits < 8)
      unpack(row, type.bits, samples, out);
    else
      unpack(row, type.bits, samples, reinterpret_cast<uint16_t*>(out));
  }
};

/// Reads one plane, HxWx(samples per pixel), row by row from strips.
bool read_strips(TIFF* tiff, uint16_t plane, RowConverter& converter, cv::Mat& out) {
  std::vector<uint8_t> row(static_cast<size_t>(TIFFScanlineSize(tiff)));
  const size_t samples = static_cast<size_t>(out.cols) * static_cast<size_t>(out.channels());
  if (row.size() < converter.bytes(samples)) return false;
  for (int y = 0; y < out.rows; ++y) {
    if (TIFFReadScanline(tiff, row.data(), static_cast<uint32_t>(y), plane) != 1) return false;
    converter.convert(row.data(), samples, out.ptr(y));
  }
  return true;
}

/// Reads one plane from tiles; those at the right and bottom edges reach beyond the image.
bool read_tiles(TIFF* tiff, uint16_t plane, RowConverter& converter, cv::Mat& out) {
  const int width = static_cast<int>(tiff_field<uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0));
  const int height = static_cast<int>(tiff_field<uint32_t>(tiff, TIFFTAG_TILELENGTH, 0));
  const auto row_bytes = static_cast<size_t>(TIFFTileRowSize(tiff)), channels = static_cast<size_t>(out.channels());
  std::vector<uint8_t> tile(static_cast<size_t>(TIFFTileSize(tiff)));
  if (row_bytes < converter.bytes(static_cast<size_t>(width) * channels) ||
      tile.size() < row_bytes * static_cast<size_t>(height))
    return false;
  for (int top = 0; top < out.rows; top += height) {
    for (int left = 0; left < out.cols; left += width) {
      if (TIFFReadTile(tiff, tile.data(), static_cast<uint32_t>(left), static_cast<uint32_t>(top), 0, plane) < 0)
        return false;
      const auto columns = static_cast<size_t>(std::min(width, out.cols - left));
      for (int y = 0; y < std::min(height, out.rows - top); ++y)
        converter.convert(tile.data() + static_cast<size_t>(y) * row_bytes, columns * channels, out.ptr(top + y, left));
    }
  }
  return true;
}

}  // namespace

cv::Mat read_tiff_samples(TIFF* tiff, const TiffPage& page) {
  const SampleType type{page.info.kind, page.info.bits};
  const auto read = TIFFIsTiled(tiff) != 0 ? read_tiles : read_strips;
  for (int depth = sample_depth(type);; depth = CV_32F) {
    RowConverter converter{type, depth};
    std::vector<cv::Mat> planes;
    for (int i = 0; i < (page.is_planar ? page.stored : 1); ++i) {
      cv::Mat& plane = planes.emplace_back(static_cast<int>(page.info.height), static_cast<int>(page.info.width),
                                           CV_MAKETYPE(depth, page.is_planar ? 1 : page.stored));
      if (!read(tiff, static_cast<uint16_t>(i), converter, plane)) return {};
    }
    if (!converter.fits) continue;
    if (planes.size() == 1) return planes[0];
    cv::Mat merged;
    cv::merge(planes, merged);
    return merged;
  }
}

}  // namespace unet
