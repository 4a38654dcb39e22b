// Source: RFC 9649, WebP Image Format (2024).

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "data/images/exif.h"
#include "data/images/format.h"

namespace unet {
namespace {

using namespace std::string_view_literals;

constexpr size_t kRiffHeaderBytes = 12;
constexpr uint8_t kAnimationFlag = 0x02;

bool is_webp(const ByteView& file) { return file.has("RIFF", 0) && file.has("WEBP", 8); }

void read_lossy(const ByteView& file, size_t data, ImageInfo& info) {
  if (file.part(data + 3, 3) != "\x9d\x01\x2a"sv) file.refuse("damaged WebP: no start of a frame at byte ", data);
  info.width = file.u16_le(data + 6) & 0x3FFF;
  info.height = file.u16_le(data + 8) & 0x3FFF;
  info.lossy = true;
}

void read_lossless(const ByteView& file, size_t data, ImageInfo& info) {
  if (file.u8(data) != 0x2F) file.refuse("damaged WebP: no lossless stream at byte ", data);
  const uint32_t bits = file.u32_le(data + 1);
  info.width = 1 + (bits & 0x3FFF);
  info.height = 1 + (bits >> 14 & 0x3FFF);
  if (bits >> 28 & 1) info.channels = 4;
}

ImageInfo probe_webp(const ByteView& file, int /*page*/) {
  const size_t end = 8 + size_t{file.u32_le(4)};
  file.need(0, end);
  ImageInfo info;
  info.format = ImageFormat::webp;
  info.channels = 3;
  for (size_t chunk = kRiffHeaderBytes; chunk + 8 <= end;) {
    const std::string_view type = file.part(chunk, 4);
    const size_t length = file.u32_le(chunk + 4);
    const size_t data = chunk + 8;
    file.need(data, length);
    if (type == "VP8X" && (file.u8(data) & kAnimationFlag) != 0)
      file.refuse("animated WebP; expected a single image. Save one frame as its own file");
    if (type == "VP8 " && info.width == 0) read_lossy(file, data, info);  // the first image is the one that is decoded
    if (type == "VP8L" && info.width == 0) read_lossless(file, data, info);
    if (type == "ALPH") info.channels = 4;
    if (type == "EXIF") info.orientation = exif_orientation(file.part(data, length));
    chunk = data + length + length % 2;
  }
  info.has_alpha = info.channels == 4;
  if (info.width == 0) file.refuse("damaged WebP: it holds no image");
  return info;
}

StoredPixels decode_webp(const ByteView& file, const ImageInfo& info, int /*page*/) {
  const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8U, const_cast<uint8_t*>(file.data()));
  const cv::Mat stored = cv::imdecode(bytes, cv::IMREAD_UNCHANGED);
  if (stored.empty()) file.refuse("damaged WebP: its pixels do not decode. Copy or download it again");
  const int to_rgb = stored.channels() == 4 ? (info.channels == 4 ? cv::COLOR_BGRA2RGBA : cv::COLOR_BGRA2RGB)
                                            : (info.channels == 4 ? cv::COLOR_BGR2RGBA : cv::COLOR_BGR2RGB);
  cv::Mat image;
  cv::cvtColor(stored, image, to_rgb);
  return {image};
}

}  // namespace

const FormatReader kWebp{ImageFormat::webp, "WebP", is_webp, probe_webp, decode_webp};

}  // namespace unet
