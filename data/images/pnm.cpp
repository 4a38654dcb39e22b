// Source: Netpbm format specifications (pbm, pgm, ppm), 2013.

#include <algorithm>
#include <cctype>

#include "data/images/format.h"

namespace unet {
namespace {

struct PnmHeader {
  char kind = '0';  ///< '1' to '3' text, '4' to '6' binary: black and white, gray, RGB
  int64_t width = 0, height = 0;
  int64_t highest = 1;  ///< value of full intensity
  size_t raster = 0;    ///< offset of the pixels

  bool is_text() const { return kind <= '3'; }
  bool is_bilevel() const { return kind == '1' || kind == '4'; }
  int channels() const { return kind == '3' || kind == '6' ? 3 : 1; }
  size_t values() const { return static_cast<size_t>(width * height * channels()); }
  size_t row_bytes() const {
    const size_t values = static_cast<size_t>(width * channels());
    return is_bilevel() ? (values + 7) / 8 : values * (highest > 255 ? 2 : 1);
  }
};

bool is_pnm_space(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

bool is_pnm(const ByteView& file) {
  return file.size() > 2 && file.u8(0) == 'P' && file.u8(1) >= '1' && file.u8(1) <= '6' &&
         (is_pnm_space(file.u8(2)) || file.u8(2) == '#');
}

/// Moves `offset` to the next byte that is neither space nor part of a comment.
void skip_space(const ByteView& file, size_t& offset) {
  for (bool in_comment = false;; ++offset) {
    const uint8_t byte = file.u8(offset);
    if (byte == '#') in_comment = true;
    if (byte == '\n' || byte == '\r') in_comment = false;
    if (!in_comment && !is_pnm_space(byte)) return;
  }
}

/// Reads a number of text, of one digit where `is_digit`; the file may end behind it.
int64_t read_number(const ByteView& file, size_t& offset, bool is_digit = false) {
  constexpr int64_t kLimit = int64_t{1} << 32;
  skip_space(file, offset);
  int64_t value = -1;
  while (offset < file.size() && std::isdigit(file.u8(offset)) != 0) {
    value = std::max<int64_t>(value, 0) * 10 + (file.u8(offset++) - '0');
    if (value > kLimit || is_digit) break;
  }
  if (value < 0 || value > kLimit)
    file.refuse("damaged PNM: no number at byte ", offset, ". Copy or download it again");
  return value;
}

PnmHeader read_pnm_header(const ByteView& file) {
  PnmHeader header;
  header.kind = static_cast<char>(file.u8(1));
  size_t offset = 2;
  header.width = read_number(file, offset);
  header.height = read_number(file, offset);
  if (!header.is_bilevel()) header.highest = read_number(file, offset);
  check_dimensions(file, header.width, header.height);
  if (header.highest < 1 || header.highest > 65535)
    file.refuse("broken PNM header: got a largest value of ", header.highest, ", expected 1 to 65535");
  header.raster = offset + 1;
  return header;
}

ImageInfo probe_pnm(const ByteView& file, int /*page*/) {
  const PnmHeader header = read_pnm_header(file);
  const size_t spaced = header.is_bilevel() ? 1 : 2;  // bytes of a number of text, at least; none behind the last
  file.need(header.raster, header.is_text() ? header.values() * spaced - (spaced - 1)
                                            : header.row_bytes() * static_cast<size_t>(header.height));
  ImageInfo info;
  info.format = ImageFormat::pnm;
  info.width = header.width;
  info.height = header.height;
  info.channels = header.channels();
  info.bits = header.is_bilevel() ? 1 : header.highest > 255 ? 16 : 8;
  info.white = header.highest;
  return info;
}

/// Reads the values one after the other.
class ValueReader {
 public:
  ValueReader(const ByteView& file, const PnmHeader& header) : file_(file), header_(header), offset_(header.raster) {}

  void start_row(int y) {
    if (!header_.is_text()) offset_ = header_.raster + static_cast<size_t>(y) * header_.row_bytes();
  }

  int64_t next(size_t at) {
    if (header_.is_text()) return read_number(file_, offset_, header_.is_bilevel());
    if (header_.is_bilevel()) return file_.data()[offset_ + at / 8] >> (7 - at % 8) & 1;
    if (header_.highest < 256) return file_.data()[offset_ + at];
    return file_.data()[offset_ + 2 * at] << 8 | file_.data()[offset_ + 2 * at + 1];
  }

 private:
  const ByteView& file_;
  const PnmHeader& header_;
  size_t offset_;
};

/// Decodes the values of a row of `image` from value `first` of the row at which `values` stands.
void decode_row(const ByteView& file, const PnmHeader& header, ValueReader& values, size_t first, int y,
                cv::Mat& image) {
  const size_t count = static_cast<size_t>(image.cols) * static_cast<size_t>(image.channels());
  for (size_t i = 0; i < count; ++i) {
    const int64_t stored = values.next(first + i);
    if (stored > header.highest)
      file.refuse("damaged PNM: got the value ", stored, ", expected at most ", header.highest,
                  ". Copy or download it again");
    const int64_t value = header.is_bilevel() ? 1 - stored : stored;  // 1 is black
    if (image.depth() == CV_8U)
      image.ptr(y)[i] = static_cast<uint8_t>(value);
    else
      image.ptr<uint16_t>(y)[i] = static_cast<uint16_t>(value);
  }
}

StoredPixels decode_pnm(const ByteView& file, const ImageInfo& info, int /*page*/) {
  const PnmHeader header = read_pnm_header(file);
  cv::Mat image(static_cast<int>(info.height), static_cast<int>(info.width), decoded_type(info));
  ValueReader values(file, header);
  for (int y = 0; y < image.rows; ++y) {
    values.start_row(y);
    decode_row(file, header, values, 0, y, image);
  }
  return {image};
}

/// Binary rows.
class PnmRegions : public RegionDecoder {
 public:
  PnmRegions(const RandomAccessFile& file, const ImageInfo& info, const PnmHeader& header)
      : RegionDecoder(info), file_(file), header_(header) {}

  StoredPixels decode(const cv::Rect& part) override {
    cv::Mat image(part.size(), decoded_type(info()));
    const size_t each = header_.is_bilevel() ? 1 : header_.highest > 255 ? 16 : 8;  // bits
    const auto channels = static_cast<size_t>(header_.channels());
    const size_t first = static_cast<size_t>(part.x) * channels;
    const size_t begin = first * each / 8, end = ((first + static_cast<size_t>(part.width) * channels) * each + 7) / 8;
    std::string bytes(end - begin, '\0');
    PnmHeader row_header = header_;
    row_header.raster = 0;
    for (int y = 0; y < part.height; ++y) {
      file_.read(header_.raster + static_cast<size_t>(part.y + y) * header_.row_bytes() + begin, bytes.size(),
                 bytes.data());
      const ByteView row(bytes, file_.path());
      ValueReader values(row, row_header);
      decode_row(row, row_header, values, first - begin * 8 / each, y, image);
    }
    return {image};
  }

 private:
  const RandomAccessFile& file_;
  PnmHeader header_;
};

std::unique_ptr<RegionDecoder> open_pnm_regions(const RandomAccessFile& file, const ByteView& head, int page) {
  const ImageInfo info = probe_pnm(head, page);
  const PnmHeader header = read_pnm_header(head);
  if (header.is_text()) return nullptr;
  return std::make_unique<PnmRegions>(file, info, header);
}

}  // namespace

const FormatReader kPnm{ImageFormat::pnm, "PNM", is_pnm, probe_pnm, decode_pnm, open_pnm_regions};

}  // namespace unet
