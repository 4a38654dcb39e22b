// Source: TIFF Revision 6.0, Adobe 1992.

#include <algorithm>
#include <cstring>

#include "data/images/format.h"
#include "data/images/tiff_stream.h"

namespace unet {
namespace {

using namespace std::string_view_literals;

bool is_tiff(const ByteView& file) {
  for (const auto magic : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})
    if (file.has(magic, 0)) return true;
  return false;
}

template <class T>
T field(TIFF* tiff, ttag_t tag, T otherwise) {
  T value{};
  return TIFFGetFieldDefaulted(tiff, tag, &value) == 1 ? value : otherwise;
}

[[noreturn]] void refuse_damaged(const ByteView& file, const TiffStream& stream) {
  file.refuse("damaged TIFF: ", stream.message.empty() ? "its pixels do not decode" : stream.message,
              ". Copy or download it again");
}

TiffHandle open(const ByteView& file, TiffStream& stream) {
  stream.source = file.part(0, file.size());
  // "m": no memory map, because the bytes are already in memory.
  TiffHandle tiff = open_tiff(stream, "rm");
  if (!tiff) refuse_damaged(file, stream);
  return tiff;
}

void check_samples(const ByteView& file, const ImageInfo& info, TIFF* tiff) {
  const int kind = field<uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  if (kind != SAMPLEFORMAT_UINT && kind != SAMPLEFORMAT_VOID)
    file.refuse("TIFF of ", kind == SAMPLEFORMAT_IEEEFP ? "floating-point" : "signed or complex",
                " samples, expected unsigned integers of at most 16 bits. Scale it to 16 bits and save it again");
  const int bits = info.bits;
  if (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16)
    file.refuse("TIFF of ", bits,
                " bits per channel, expected 1, 2, 4, 8 or 16. Scale it to 16 bits and save it again");
}

/// Returns the number of channels that the stored samples stand for.
int channels_of(const ByteView& file, int photometric, int samples, int compression) {
  const bool jpeg_color = photometric == PHOTOMETRIC_YCBCR && compression == COMPRESSION_JPEG;
  if (photometric == PHOTOMETRIC_PALETTE && samples == 1) return 3;
  if ((photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE) && samples <= 2) return samples;
  if ((photometric == PHOTOMETRIC_RGB || jpeg_color) && (samples == 3 || samples == 4)) return samples;
  if (photometric == PHOTOMETRIC_SEPARATED) file.refuse("CMYK TIFF, expected gray or RGB. Convert it to RGB");
  file.refuse("TIFF of ", samples, " channels and photometric interpretation ", photometric,
              ", expected gray, palette or RGB with or without alpha. Convert it to RGB");
}

/// Checks that every strip or tile lies within the file.
void check_extent(const ByteView& file, TIFF* tiff) {
  const uint32_t count = TIFFIsTiled(tiff) ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t length = TIFFGetStrileByteCount(tiff, i);
    if (length == 0)
      file.refuse("damaged TIFF: strip or tile ", i, " of ", count, " is empty. Copy or download it again");
    file.need(TIFFGetStrileOffset(tiff, i), length);
  }
}

ImageInfo probe_tiff(const ByteView& file, int /*page*/) {
  TiffStream stream;
  const TiffHandle tiff = open(file, stream);
  ImageInfo info;
  info.format = ImageFormat::tiff;
  info.width = field<uint32_t>(tiff.get(), TIFFTAG_IMAGEWIDTH, 0);
  info.height = field<uint32_t>(tiff.get(), TIFFTAG_IMAGELENGTH, 0);
  check_dimensions(file, info.width, info.height);
  info.bits = field<uint16_t>(tiff.get(), TIFFTAG_BITSPERSAMPLE, 1);
  check_samples(file, info, tiff.get());
  const int photometric = field<uint16_t>(tiff.get(), TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  const int compression = field<uint16_t>(tiff.get(), TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  info.channels = channels_of(file, photometric, field<uint16_t>(tiff.get(), TIFFTAG_SAMPLESPERPIXEL, 1), compression);
  info.palette = photometric == PHOTOMETRIC_PALETTE;
  info.has_alpha = info.channels == 2 || info.channels == 4;
  info.lossy = compression == COMPRESSION_JPEG || compression == COMPRESSION_OJPEG;
  const int orientation = field<uint16_t>(tiff.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  info.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  check_extent(file, tiff.get());
  if (const auto pages = TIFFNumberOfDirectories(tiff.get()); pages != 1)
    file.refuse("TIFF of ", pages, " pages, expected one. Save each page as its own file");
  return info;
}

/// Unpacks samples of 1, 2 or 4 bits, the first in the high bits, to one byte each.
void unpack(const uint8_t* packed, int bits, int count, uint8_t* out) {
  for (int i = 0; i < count; ++i) {
    const int shift = 8 - bits - i * bits % 8;
    out[i] = static_cast<uint8_t>(packed[i * bits / 8] >> shift & ((1 << bits) - 1));
  }
}

/// How the file stores samples: one image of all channels, or one image for each channel.
struct SampleLayout {
  int planes;
  int samples;  ///< per pixel in one plane
  int bits;
};

/// Reads one plane, HxWx(samples per pixel), row by row from strips.
bool read_strips(TIFF* tiff, uint16_t plane, const SampleLayout& layout, cv::Mat& out) {
  std::vector<uint8_t> row(static_cast<size_t>(TIFFScanlineSize(tiff)));
  for (int y = 0; y < out.rows; ++y) {
    if (TIFFReadScanline(tiff, row.data(), static_cast<uint32_t>(y), plane) != 1) return false;
    if (layout.bits < 8) {
      unpack(row.data(), layout.bits, out.cols * layout.samples, out.ptr(y));
    } else {
      std::memcpy(out.ptr(y), row.data(), std::min(row.size(), static_cast<size_t>(out.cols) * out.elemSize()));
    }
  }
  return true;
}

/// Reads one plane from tiles; those at the right and bottom edges reach beyond the image.
bool read_tiles(TIFF* tiff, uint16_t plane, const SampleLayout& layout, cv::Mat& out) {
  const int width = static_cast<int>(field<uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0));
  const int height = static_cast<int>(field<uint32_t>(tiff, TIFFTAG_TILELENGTH, 0));
  const auto row_bytes = static_cast<size_t>(TIFFTileRowSize(tiff));
  std::vector<uint8_t> tile(static_cast<size_t>(TIFFTileSize(tiff)));
  for (int top = 0; top < out.rows; top += height) {
    for (int left = 0; left < out.cols; left += width) {
      if (TIFFReadTile(tiff, tile.data(), static_cast<uint32_t>(left), static_cast<uint32_t>(top), 0, plane) < 0)
        return false;
      const int columns = std::min(width, out.cols - left);
      for (int y = 0; y < std::min(height, out.rows - top); ++y) {
        const uint8_t* row = tile.data() + static_cast<size_t>(y) * row_bytes;
        uint8_t* to = out.ptr(top + y, left);
        if (layout.bits < 8) {
          unpack(row, layout.bits, columns * layout.samples, to);
        } else {
          std::memcpy(to, row, static_cast<size_t>(columns) * out.elemSize());
        }
      }
    }
  }
  return true;
}

/// Returns the color table, RGB by index. Tables hold 16 bits per color; some writers use only 8, which the
/// largest value shows.
std::vector<cv::Vec3b> palette_of(const ByteView& file, TIFF* tiff, int bits) {
  uint16_t* table[3] = {};
  if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &table[0], &table[1], &table[2]) != 1 || bits > 8)
    file.refuse("damaged TIFF: a palette image without a color table. Convert it to RGB");
  const int entries = 1 << bits;
  uint16_t largest = 0;
  for (const uint16_t* channel : table) largest = std::max(largest, *std::max_element(channel, channel + entries));
  const int shift = largest > 255 ? 8 : 0;
  std::vector<cv::Vec3b> palette;
  for (int i = 0; i < entries; ++i) {
    const auto channel = [&](int c) { return static_cast<uint8_t>(table[c][i] >> shift); };
    palette.emplace_back(channel(0), channel(1), channel(2));
  }
  return palette;
}

StoredPixels decode_tiff(const ByteView& file, const ImageInfo& info, int /*page*/) {
  TiffStream stream;
  const TiffHandle tiff = open(file, stream);
  if (info.lossy) TIFFSetField(tiff.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  const int stored = info.palette ? 1 : info.channels;
  const bool separate = field<uint16_t>(tiff.get(), TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  const SampleLayout layout{separate ? stored : 1, separate ? 1 : stored, info.bits};
  const int depth = info.bits > 8 ? CV_16U : CV_8U;
  std::vector<cv::Mat> planes;
  for (int i = 0; i < layout.planes; ++i) {
    cv::Mat& plane = planes.emplace_back(static_cast<int>(info.height), static_cast<int>(info.width),
                                         CV_MAKETYPE(depth, layout.samples));
    const auto read = TIFFIsTiled(tiff.get()) ? read_tiles : read_strips;
    if (!read(tiff.get(), static_cast<uint16_t>(i), layout, plane)) refuse_damaged(file, stream);
  }
  StoredPixels pixels{planes[0]};
  if (separate) cv::merge(planes, pixels.samples);
  if (info.palette) pixels.palette = palette_of(file, tiff.get(), info.bits);
  if (field<uint16_t>(tiff.get(), TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK) == PHOTOMETRIC_MINISWHITE)
    cv::subtract(cv::Scalar::all((1 << info.bits) - 1), pixels.samples, pixels.samples);
  return pixels;
}

}  // namespace

const FormatReader kTiff{ImageFormat::tiff, "TIFF", is_tiff, probe_tiff, decode_tiff};

}  // namespace unet
