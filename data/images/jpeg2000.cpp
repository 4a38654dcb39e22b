// Source: ITU-T T.800 (2019), annexes A (codestream) and I (JP2 files).

#include <mutex>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "data/images/format.h"

namespace unet {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kStartOfCodestream = "\xFF\x4F\xFF\x51"sv;
constexpr std::string_view kConverter = "Convert it: opj_decompress -i IN -o OUT.tif";

bool is_jp2(const ByteView& file) { return file.has("\0\0\0\x0CjP  \r\n\x87\n"sv, 0); }

bool is_jpeg2000(const ByteView& file) { return is_jp2(file) || file.has(kStartOfCodestream, 0); }

/// Calls `use(type, begin, end)` for the boxes from `begin` to `end` with the place of their contents, until it returns
/// false.
template <class Use>
void for_each_box(const ByteView& file, size_t begin, size_t end, const Use& use) {
  while (begin + 8 <= end) {
    uint64_t length = file.u32_be(begin);
    const std::string_view type = file.part(begin + 4, 4);
    size_t header = 8;
    if (length == 1) {
      length = uint64_t{file.u32_be(begin + 8)} << 32 | file.u32_be(begin + 12);
      header = 16;
    }
    if (length == 0) length = end - begin;  // the last box
    if (length < header) file.refuse("damaged JPEG 2000: a box of ", length, " bytes at byte ", begin);
    file.need(begin, length);
    if (length > end - begin) file.refuse("damaged JPEG 2000: a box at byte ", begin, " ends behind the one around it");
    if (!use(type, begin + header, begin + static_cast<size_t>(length))) return;
    begin += static_cast<size_t>(length);
  }
}

/// Reads the boxes about colors.
void read_color_boxes(const ByteView& file, size_t begin, size_t end, ImageInfo& info) {
  constexpr uint32_t kRgb = 16, kGray = 17;
  constexpr size_t kDefinitionBytes = 6;
  for_each_box(file, begin, end, [&](std::string_view type, size_t at, size_t /*behind*/) {
    if (type == "colr" && file.u8(at) == 1)
      if (const uint32_t color = file.u32_be(at + 3); color != kRgb && color != kGray)
        file.refuse("JPEG 2000 of color model ", color, ", expected gray or RGB. ", kConverter);
    if (type == "pclr") file.refuse("JPEG 2000 with a palette, expected gray or RGB. ", kConverter);
    if (type != "cdef") return true;
    for (size_t i = 0; i < file.u16_be(at); ++i) {
      const size_t definition = at + 2 + i * kDefinitionBytes;
      const int kind = file.u16_be(definition + 2);  // 1: opacity, 2: premultiplied opacity
      if (file.u16_be(definition) == 3 && (kind == 1 || kind == 2)) info.has_alpha = true;
    }
    return true;
  });
}

/// Reads the header of the codestream from `begin` to `end`.
void read_codestream(const ByteView& file, size_t begin, size_t end, ImageInfo& info) {
  if (!file.has(kStartOfCodestream, begin)) file.refuse("damaged JPEG 2000: no codestream at byte ", begin);
  const auto u32 = [&](size_t offset) { return int64_t{file.u32_be(begin + offset)}; };
  info.width = u32(8) - u32(16);
  info.height = u32(12) - u32(20);
  check_dimensions(file, info.width, info.height);
  info.channels = file.u16_be(begin + 40);
  if (info.channels != 1 && info.channels != 3 && info.channels != 4)
    file.refuse("JPEG 2000 of ", info.channels, " channels, expected 1, 3 or 4. ", kConverter);
  for (int c = 0; c < info.channels; ++c) {
    const size_t component = begin + 42 + 3 * static_cast<size_t>(c);
    const int depth = file.u8(component), bits = (depth & 0x7F) + 1;
    if ((depth & 0x80) != 0 || bits < 8 || bits > 16 || (c > 0 && bits != info.bits))
      file.refuse("JPEG 2000 of ", bits, (depth & 0x80) != 0 ? " signed" : "", " bits in channel ", c,
                  ", expected 8 to 16 unsigned bits in all channels. ", kConverter);
    info.bits = bits;
    if (file.u8(component + 1) != 1 || file.u8(component + 2) != 1)
      file.refuse("JPEG 2000 with a channel of lower resolution, expected equal ones. ", kConverter);
  }
  for (size_t marker = begin + 2; file.u16_be(marker) != 0xFF90; marker += 2 + size_t{file.u16_be(marker + 2)}) {
    constexpr size_t kTransformation = 13;  // in the segment of coding style: 0 is the irreversible wavelet
    if (file.u8(marker) != 0xFF) file.refuse("damaged JPEG 2000: no marker at byte ", marker);
    if (file.u16_be(marker) == 0xFF52) info.lossy = file.u8(marker + kTransformation) == 0;
  }
  if (end < begin + 2 || file.u16_be(end - 2) != 0xFFD9)
    file.refuse("truncated: no end marker of JPEG 2000. Copy or download it again");
}

ImageInfo probe_jpeg2000(const ByteView& file, int /*page*/) {
  ImageInfo info;
  info.format = ImageFormat::jpeg2000;
  info.channels = 0;
  if (is_jp2(file)) {
    for_each_box(file, 0, file.size(), [&](std::string_view type, size_t begin, size_t end) {
      if (type == "jp2h") read_color_boxes(file, begin, end, info);
      if (type == "jp2c") read_codestream(file, begin, end, info);
      return type != "jp2c";
    });
  } else {
    read_codestream(file, 0, file.size(), info);
  }
  if (info.channels == 0) file.need(file.size(), 1);
  info.has_alpha = info.has_alpha && info.channels == 4;
  return info;
}

StoredPixels decode_jpeg2000(const ByteView& file, const ImageInfo& info, int /*page*/) {
  static std::once_flag silenced;  // OpenCV would print what its result already says
  std::call_once(silenced, [] { cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT); });
  if (!cv::haveImageWriter("x.jp2"))
    file.refuse("JPEG 2000, which the installed OpenCV was built without. ", kConverter);
  const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8U, const_cast<uint8_t*>(file.data()));
  const cv::Mat stored = cv::imdecode(bytes, cv::IMREAD_UNCHANGED);
  if (stored.empty()) file.refuse("damaged JPEG 2000: its pixels do not decode. Copy or download it again");
  if (stored.type() != decoded_type(info) || stored.cols != info.width || stored.rows != info.height)
    file.refuse("damaged JPEG 2000: two contradicting headers. Copy or download it again");
  cv::Mat image = stored;
  if (info.channels == 3) cv::cvtColor(stored, image, cv::COLOR_BGR2RGB);
  if (info.channels == 4) cv::cvtColor(stored, image, cv::COLOR_BGRA2RGBA);
  return {image};
}

}  // namespace

const FormatReader kJpeg2000{ImageFormat::jpeg2000, "JPEG 2000", is_jpeg2000, probe_jpeg2000, decode_jpeg2000};

}  // namespace unet
