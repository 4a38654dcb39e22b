#include "data/images/tiff_samples.h"

#include <algorithm>
#include <vector>

#include "data/images/sample_type.h"

namespace unet {
namespace {

/// Unpacks `count` unsigned samples of 1 to 15 bits from number `first` on, each beginning in the high bits.
template <class T>
void unpack(const uint8_t* packed, int bits, size_t first, size_t count, T* out) {
  const size_t skipped = first * static_cast<size_t>(bits);
  packed += skipped / 8;
  int held = skipped % 8 == 0 ? 0 : 8 - static_cast<int>(skipped % 8);
  uint32_t window = held == 0 ? 0 : *packed++;
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

  void convert(const uint8_t* row, size_t first, size_t samples, uint8_t* out) {
    if (!is_packed())
      fits = convert_samples(row + bytes(first), type, samples, depth, out) && fits;
    else if (type.bits < 8)
      unpack(row, type.bits, first, samples, out);
    else
      unpack(row, type.bits, first, samples, reinterpret_cast<uint16_t*>(out));
  }
};

/// Returns the row from which rows up to `row` have to be read: compressed strips decode from their first row on, or
/// from where the last read ended.
uint32_t first_row_to_read(TIFF* tiff, uint32_t row, uint16_t plane) {
  const auto strip_rows = tiff_field<uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, 0);
  const uint32_t strip_begin = strip_rows == 0 ? 0 : row - row % strip_rows;
  const uint32_t next = TIFFCurrentRow(tiff);
  const bool is_in_strip = TIFFCurrentStrip(tiff) == TIFFComputeStrip(tiff, row, plane);
  return is_in_strip && next > strip_begin && next <= row ? next : strip_begin;
}

/// Reads a part of one plane, HxWx(samples per pixel), row by row from strips.
bool read_strips(TIFF* tiff, uint16_t plane, const cv::Rect& part, RowConverter& converter, cv::Mat& out) {
  std::vector<uint8_t> row(static_cast<size_t>(TIFFScanlineSize(tiff)));
  const auto channels = static_cast<size_t>(out.channels());
  const size_t first = static_cast<size_t>(part.x) * channels, samples = static_cast<size_t>(part.width) * channels;
  if (row.size() < converter.bytes(first + samples)) return false;
  const auto top = static_cast<uint32_t>(part.y), bottom = top + static_cast<uint32_t>(part.height);
  for (uint32_t y = first_row_to_read(tiff, top, plane); y < bottom; ++y) {
    if (TIFFReadScanline(tiff, row.data(), y, plane) != 1) return false;
    if (y >= top) converter.convert(row.data(), first, samples, out.ptr(static_cast<int>(y - top)));
  }
  return true;
}

/// Reads a part of one plane from tiles; those at the right and bottom edges reach beyond the image.
bool read_tiles(TIFF* tiff, uint16_t plane, const cv::Rect& part, RowConverter& converter, cv::Mat& out) {
  const int width = static_cast<int>(tiff_field<uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0));
  const int height = static_cast<int>(tiff_field<uint32_t>(tiff, TIFFTAG_TILELENGTH, 0));
  const auto row_bytes = static_cast<size_t>(TIFFTileRowSize(tiff)), channels = static_cast<size_t>(out.channels());
  std::vector<uint8_t> tile(static_cast<size_t>(TIFFTileSize(tiff)));
  if (row_bytes < converter.bytes(static_cast<size_t>(width) * channels) ||
      tile.size() < row_bytes * static_cast<size_t>(height))
    return false;
  for (int top = part.y - part.y % height; top < part.y + part.height; top += height) {
    for (int left = part.x - part.x % width; left < part.x + part.width; left += width) {
      if (TIFFReadTile(tiff, tile.data(), static_cast<uint32_t>(left), static_cast<uint32_t>(top), 0, plane) < 0)
        return false;
      const cv::Rect inside = part & cv::Rect(left, top, width, height);
      for (int y = inside.y; y < inside.y + inside.height; ++y)
        converter.convert(tile.data() + static_cast<size_t>(y - top) * row_bytes,
                          static_cast<size_t>(inside.x - left) * channels, static_cast<size_t>(inside.width) * channels,
                          out.ptr(y - part.y, inside.x - part.x));
    }
  }
  return true;
}

}  // namespace

cv::Mat read_tiff_samples(TIFF* tiff, const TiffPage& page, const cv::Rect& part) {
  const SampleType type{page.info.kind, page.info.bits};
  const auto read = TIFFIsTiled(tiff) != 0 ? read_tiles : read_strips;
  for (int depth = sample_depth(type);; depth = CV_32F) {
    RowConverter converter{type, depth};
    std::vector<cv::Mat> planes;
    for (int i = 0; i < (page.is_planar ? page.stored : 1); ++i) {
      cv::Mat& plane = planes.emplace_back(part.size(), CV_MAKETYPE(depth, page.is_planar ? 1 : page.stored));
      if (!read(tiff, static_cast<uint16_t>(i), part, converter, plane)) return {};
    }
    if (!converter.fits) continue;
    if (planes.size() == 1) return planes[0];
    cv::Mat merged;
    cv::merge(planes, merged);
    return merged;
  }
}

}  // namespace unet
