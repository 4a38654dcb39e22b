// Source: BITMAPCOREHEADER and BITMAPINFOHEADER, Windows GDI reference.

#include <algorithm>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "data/images/format.h"

namespace unet {
namespace {

constexpr size_t kFileHeaderBytes = 14;
constexpr uint32_t kCoreHeaderBytes = 12;
constexpr uint32_t kInfoHeaderBytes = 40;
constexpr uint32_t kLongestHeaderBytes = 124;  // BITMAPV5HEADER
constexpr uint32_t kUncompressed = 0;
constexpr uint32_t kBitFields = 3;

bool is_bmp(const ByteView& file) { return file.has("BM", 0) && file.size() >= 6 && file.u16_le(6) == 0; }

/// Whether the color table holds gray values: the identity for 8 bits, any grays for fewer bits.
bool has_gray_table(const ByteView& file, size_t header_bytes, size_t bits) {
  const size_t entry_bytes = header_bytes == kCoreHeaderBytes ? 3 : 4;
  const size_t given = header_bytes == kCoreHeaderBytes ? 0 : file.u32_le(kFileHeaderBytes + 32);
  const size_t entries = given == 0 ? size_t{1} << bits : given;
  if (entries > size_t{1} << bits) file.refuse("broken BMP header: got ", entries, " colors for ", bits, " bits");
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = kFileHeaderBytes + header_bytes + i * entry_bytes;
    const uint8_t blue = file.u8(entry);
    if (file.u8(entry + 1) != blue || file.u8(entry + 2) != blue) return false;
    if (bits == 8 && blue != i) return false;
  }
  return true;
}

void check_pixel_kind(const ByteView& file, int bits, uint32_t compression) {
  if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
    file.refuse("broken BMP header: got ", bits, " bits a pixel, expected 1, 4, 8, 16, 24 or 32");
  const bool fields = compression == kBitFields && (bits == 16 || bits == 32);
  if (compression != kUncompressed && !fields)
    file.refuse("compressed BMP (kind ", compression, "), expected an uncompressed one. Save it as PNG");
}

ImageInfo probe_bmp(const ByteView& file, int /*page*/) {
  const size_t pixels = file.u32_le(10);
  const uint32_t header_bytes = file.u32_le(14);
  const bool core = header_bytes == kCoreHeaderBytes;
  if (!core && (header_bytes < kInfoHeaderBytes || header_bytes > kLongestHeaderBytes))
    file.refuse("broken BMP header: got a length of ", header_bytes, ", expected 12 or 40 to 124");
  if (pixels < kFileHeaderBytes + header_bytes)
    file.refuse("broken BMP header: its pixels begin at byte ", pixels, ", within the header");

  ImageInfo info;
  info.format = ImageFormat::bmp;
  info.width = core ? file.u16_le(18) : static_cast<int32_t>(file.u32_le(18));
  const int64_t height = core ? file.u16_le(20) : static_cast<int32_t>(file.u32_le(22));
  info.height = std::abs(height);  // negative: the top row comes first
  const int bits = file.u16_le(core ? 24 : 28);
  check_pixel_kind(file, bits, core ? kUncompressed : file.u32_le(30));
  check_dimensions(file, info.width, info.height);

  const int64_t row_bytes = (info.width * bits + 31) / 32 * 4;
  file.need(pixels, static_cast<size_t>(row_bytes * info.height));
  const bool is_gray = bits <= 8 && has_gray_table(file, header_bytes, static_cast<size_t>(bits));
  info.palette = bits <= 8 && !is_gray;
  info.channels = is_gray ? 1 : 3;
  return info;
}

/// Reads the color table: blue, green, red, and one more byte in all but the oldest headers.
std::vector<cv::Vec3b> palette_of(const ByteView& file, size_t bits) {
  const size_t header_bytes = file.u32_le(14), entry_bytes = header_bytes == kCoreHeaderBytes ? 3 : 4;
  const size_t given = header_bytes == kCoreHeaderBytes ? 0 : file.u32_le(kFileHeaderBytes + 32);
  std::vector<cv::Vec3b> palette(size_t{1} << bits, cv::Vec3b(0, 0, 0));
  for (size_t i = 0; i < (given == 0 ? palette.size() : given); ++i) {
    const size_t entry = kFileHeaderBytes + header_bytes + i * entry_bytes;
    palette[i] = {file.u8(entry + 2), file.u8(entry + 1), file.u8(entry)};
  }
  return palette;
}

/// How the rows of pixels are stored.
struct BmpRows {
  explicit BmpRows(const ByteView& file)
      : is_core(file.u32_le(14) == kCoreHeaderBytes),
        bits(file.u16_le(is_core ? 24 : 28)),
        first(file.u32_le(10)),
        is_top_down(!is_core && static_cast<int32_t>(file.u32_le(22)) < 0) {}

  /// Returns the offset of a row, counted from the top; rows are stored from the bottom up unless the height is
  /// negative.
  size_t offset(const ImageInfo& info, size_t y) const {
    const size_t row_bytes = (static_cast<size_t>(info.width) * bits + 31) / 32 * 4;
    return first + (is_top_down ? y : static_cast<size_t>(info.height) - 1 - y) * row_bytes;
  }

  bool is_core;
  size_t bits, first;
  bool is_top_down;
};

/// Unpacks `count` indices of 1, 4 or 8 bits from number `x` on.
void unpack_indices(const uint8_t* row, size_t bits, size_t x, size_t count, uint8_t* out) {
  for (const size_t end = x + count; x < end; ++x)
    *out++ = static_cast<uint8_t>(row[x * bits / 8] >> (8 - bits - x * bits % 8) & ((1U << bits) - 1));
}

StoredPixels decode_indices(const ByteView& file, const ImageInfo& info) {
  const BmpRows rows(file);
  const auto width = static_cast<size_t>(info.width), height = static_cast<size_t>(info.height);
  StoredPixels pixels{cv::Mat(static_cast<int>(height), static_cast<int>(width), CV_8UC1), palette_of(file, rows.bits)};
  for (size_t y = 0; y < height; ++y)
    unpack_indices(file.data() + rows.offset(info, y), rows.bits, 0, width, pixels.samples.ptr(static_cast<int>(y)));
  return pixels;
}

StoredPixels decode_bmp(const ByteView& file, const ImageInfo& info, int /*page*/) {
  if (info.palette) return decode_indices(file, info);
  const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8U, const_cast<uint8_t*>(file.data()));
  cv::Mat image = cv::imdecode(bytes, info.channels == 1 ? cv::IMREAD_GRAYSCALE : cv::IMREAD_COLOR);
  if (image.empty()) file.refuse("damaged BMP: its pixels do not decode. Copy or download it again");
  if (info.channels == 3) cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
  return {image};
}

/// Rows of indices, gray values of 8 bits, or colors of 24 bits.
class BmpRegions : public RegionDecoder {
 public:
  BmpRegions(const RandomAccessFile& file, const ImageInfo& info, const BmpRows& rows, std::vector<cv::Vec3b> palette)
      : RegionDecoder(info), file_(file), rows_(rows), palette_(std::move(palette)) {}

  StoredPixels decode(const cv::Rect& part) override {
    StoredPixels pixels{cv::Mat(part.size(), rows_.bits == 24 ? CV_8UC3 : CV_8UC1), palette_};
    const auto x = static_cast<size_t>(part.x), width = static_cast<size_t>(part.width);
    const size_t begin = x * rows_.bits / 8, end = ((x + width) * rows_.bits + 7) / 8;
    std::vector<uint8_t> row(end - begin);
    for (int y = 0; y < part.height; ++y) {
      file_.read(rows_.offset(info(), static_cast<size_t>(part.y + y)) + begin, row.size(), row.data());
      if (rows_.bits == 24)
        std::copy(row.begin(), row.end(), pixels.samples.ptr(y));
      else
        unpack_indices(row.data(), rows_.bits, x - begin * 8 / rows_.bits, width, pixels.samples.ptr(y));
    }
    if (rows_.bits == 24) cv::cvtColor(pixels.samples, pixels.samples, cv::COLOR_BGR2RGB);
    return pixels;
  }

 private:
  const RandomAccessFile& file_;
  BmpRows rows_;
  std::vector<cv::Vec3b> palette_;
};

std::unique_ptr<RegionDecoder> open_bmp_regions(const RandomAccessFile& file, const ByteView& head, int page) {
  const ImageInfo info = probe_bmp(head, page);
  const BmpRows rows(head);
  const bool is_gray = rows.bits == 8 && info.channels == 1;
  if (!info.palette && !is_gray && rows.bits != 24) return nullptr;
  return std::make_unique<BmpRegions>(file, info, rows,
                                      info.palette ? palette_of(head, rows.bits) : std::vector<cv::Vec3b>());
}

}  // namespace

const FormatReader kBmp{ImageFormat::bmp, "BMP", is_bmp, probe_bmp, decode_bmp, open_bmp_regions};

}  // namespace unet
