// Source: ITU-T T.81 (1992), annex B; Exif 2.32 for the orientation.

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>

// jpeglib.h needs <cstdio> before it, and jerror.h needs jpeglib.h.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "data/images/exif.h"
#include "data/images/format.h"
#include "data/images/sample_type.h"

namespace unet {
namespace {

using namespace std::string_view_literals;

constexpr int kStartOfImage = 0xD8;
constexpr int kEndOfImage = 0xD9;
constexpr int kStartOfScan = 0xDA;
constexpr int kApp1 = 0xE1;
constexpr int kApp2 = 0xE2;

bool is_jpeg(const ByteView& file) { return file.has("\xFF\xD8\xFF"sv, 0); }

bool is_restart(int marker) { return marker >= 0xD0 && marker <= 0xD7; }

/// Whether the marker is one of SOF0 to SOF15. Three codes in that range have other meanings (DHT, JPG, DAC).
bool is_frame(int marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// Returns the offset of the marker that ends the coded pixels beginning at `offset`.
size_t end_of_scan(const ByteView& file, size_t offset) {
  while (true) {
    file.need(offset, 2);
    const void* found = std::memchr(file.data() + offset, 0xFF, file.size() - offset - 1);
    if (found == nullptr) file.need(file.size(), 2);
    offset = static_cast<size_t>(static_cast<const uint8_t*>(found) - file.data());
    const int marker = file.u8(offset + 1);
    if (marker != 0 && marker != 0xFF && !is_restart(marker)) return offset;
    offset += marker == 0xFF ? 1 : 2;
  }
}

/// What the header of a frame says besides `ImageInfo`.
struct JpegFrame {
  int process = 0;     ///< its marker
  int64_t blocks = 0;  ///< of 8x8 values, in all channels
};

/// Name of a coding process that is not read; "" for sequential and progressive ones.
std::string unread_process(int marker) {
  if (marker == 0xC3 || marker == 0xCB) return "lossless";
  return marker == 0xC5 || marker == 0xC6 || marker == 0xC7 || marker >= 0xCD ? "hierarchical" : "";
}

/// Returns the number of blocks, from the resolution that each channel has.
int64_t count_blocks(const ByteView& file, size_t channels_at, int channels, const ImageInfo& info) {
  constexpr int kBlockSide = 8;
  const auto factor = [&](int c, int shift) {
    return std::max<int64_t>(1, file.u8(channels_at + 3 * static_cast<size_t>(c) + 1) >> shift & 0xF);
  };
  int64_t widest = 1, tallest = 1, blocks = 0;
  for (int c = 0; c < channels; ++c) {
    widest = std::max(widest, factor(c, 4));
    tallest = std::max(tallest, factor(c, 0));
  }
  const auto along = [](int64_t pixels, int64_t part, int64_t largest) {
    return (pixels * part + kBlockSide * largest - 1) / (kBlockSide * largest);
  };
  for (int c = 0; c < channels; ++c)
    blocks += along(info.width, factor(c, 4), widest) * along(info.height, factor(c, 0), tallest);
  return blocks;
}

JpegFrame read_frame(const ByteView& file, int marker, size_t data, ImageInfo& info) {
  if (const std::string process = unread_process(marker); !process.empty())
    file.refuse(process, " JPEG, expected a sequential or progressive one. Save it as PNG or TIFF");
  info.bits = file.u8(data);
  info.height = file.u16_be(data + 1);
  info.width = file.u16_be(data + 3);
  info.channels = file.u8(data + 5);
  if (info.bits != 8) file.refuse("JPEG of ", info.bits, " bits per channel, expected 8. Save it as PNG or TIFF");
  if (info.channels != 1 && info.channels != 3 && info.channels != 4)
    file.refuse("broken JPEG header: got ", info.channels, " channels, expected 1, 3 or 4");
  const JpegFrame frame{marker, count_blocks(file, data + 6, info.channels, info)};
  if (info.channels == 4) {
    info.channels = 3;
    info.converted = "CMYK";
  }
  return frame;
}

/// Refuses CIELab, which only a color profile distinguishes from YCbCr. `data` is the first part of a profile.
void check_profile(const ByteView& file, std::string_view data) {
  constexpr size_t kColorSpace = 14 + 16;  // the profile's header follows its name and its part number
  if (data.substr(0, 12) == "ICC_PROFILE\0"sv && data.size() >= kColorSpace + 4 &&
      data.substr(kColorSpace, 4) == "Lab ")
    file.refuse(
        "JPEG of CIELab, by its color profile, expected gray, RGB or CMYK. Convert it to RGB: magick IN OUT.png");
}

/// Refuses a file that claims more pixels than its data can hold, before memory is allocated for them: a block takes at
/// least a bit of a Huffman code.
void check_plausible(const ByteView& file, const JpegFrame& frame, const ImageInfo& info) {
  constexpr int kProgressiveHuffman = 0xC2;
  if (frame.process <= kProgressiveHuffman && frame.blocks > 8 * static_cast<int64_t>(file.size()))
    file.refuse("damaged JPEG: got ", file.size(), " bytes, too few for the ", info.width, "x", info.height,
                " pixels that the header promises. Copy or download it again");
}

/// Refuses files that are made to take long: each scan visits every block. libtiff has the same limit.
void check_scans(const ByteView& file, int scans) {
  constexpr int kMaxScans = 100;
  if (scans == 0) file.refuse("damaged JPEG: it ends before its pixels");
  if (scans > kMaxScans)
    file.refuse("JPEG of ", scans, " scans, expected at most ", kMaxScans, ". Save it as PNG or TIFF");
}

ImageInfo probe_jpeg(const ByteView& file, int /*page*/) {
  ImageInfo info;
  info.format = ImageFormat::jpeg;
  info.lossy = true;
  info.channels = 0;
  int scans = 0;
  JpegFrame frame;
  for (size_t offset = 2;;) {
    if (file.u8(offset) != 0xFF) file.refuse("damaged JPEG: no marker at byte ", offset);
    const int marker = file.u8(offset + 1);
    if (marker == kEndOfImage) break;
    if (marker == 0xFF || marker == kStartOfImage || is_restart(marker)) {
      offset += marker == 0xFF ? 1 : 2;
      continue;
    }
    const size_t length = file.u16_be(offset + 2);
    if (length < 2)
      file.refuse("damaged JPEG: a segment of ", length, " bytes at byte ", offset, ", expected 2 or more");
    const std::string_view data = file.part(offset + 4, length - 2);
    if (is_frame(marker)) frame = read_frame(file, marker, offset + 4, info);
    if (marker == kApp1 && data.substr(0, 6) == "Exif\0\0"sv) info.orientation = exif_orientation(data);
    if (marker == kApp2) check_profile(file, data);
    offset += 2 + length;
    if (marker != kStartOfScan) continue;
    ++scans;
    offset = end_of_scan(file, offset);
  }
  check_scans(file, info.channels == 0 ? 0 : scans);
  check_dimensions(file, info.width, info.height);
  check_plausible(file, frame, info);
  return info;
}

/// State of libjpeg's callbacks; the first member is the part that libjpeg knows.
struct ErrorHandler {
  jpeg_error_mgr base;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

void on_error(j_common_ptr codec) {
  auto& handler = *reinterpret_cast<ErrorHandler*>(codec->err);
  codec->err->format_message(codec, handler.message);
  std::longjmp(handler.jump, 1);
}

/// Turns libjpeg's warnings about lost pixels, which it fills with gray, into errors.
void on_warning(j_common_ptr codec, int level) {
  if (level >= 0) return;
  switch (codec->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
    case JWRN_ARITH_BAD_CODE:
      on_error(codec);
    default:
      return;
  }
}

/// Returns false if libjpeg found a fault. No local may have a destructor, because libjpeg leaves by longjmp.
bool read_rows(jpeg_decompress_struct* codec, ErrorHandler* errors, const ByteView* file, cv::Mat* image) {
  if (setjmp(errors->jump)) return false;
  jpeg_create_decompress(codec);
  jpeg_mem_src(codec, file->data(), static_cast<unsigned long>(file->size()));
  jpeg_read_header(codec, TRUE);
  codec->out_color_space = image->channels() == 1 ? JCS_GRAYSCALE : image->channels() == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_start_decompress(codec);
  if (static_cast<int>(codec->output_width) != image->cols || static_cast<int>(codec->output_height) != image->rows ||
      codec->output_components != image->channels()) {
    std::snprintf(errors->message, sizeof errors->message, "contradictory headers");
    return false;
  }
  while (codec->output_scanline < codec->output_height) {
    JSAMPROW row = image->ptr(static_cast<int>(codec->output_scanline));
    jpeg_read_scanlines(codec, &row, 1);
  }
  jpeg_finish_decompress(codec);
  return true;
}

StoredPixels decode_jpeg(const ByteView& file, const ImageInfo& info, int /*page*/) {
  const bool is_cmyk = !info.converted.empty();
  cv::Mat image(static_cast<int>(info.height), static_cast<int>(info.width), is_cmyk ? CV_8UC4 : decoded_type(info));
  ErrorHandler errors{};
  jpeg_decompress_struct codec{};
  codec.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = on_error;
  errors.base.emit_message = on_warning;
  const bool complete = read_rows(&codec, &errors, &file, &image);
  jpeg_destroy_decompress(&codec);
  if (!complete) file.refuse("damaged JPEG: ", errors.message, ". Copy or download it again");
  // CMYK is stored inverted, as Adobe's programs do and other readers expect.
  return {is_cmyk ? cmyk_to_rgb(~image) : image};
}

}  // namespace

const FormatReader kJpeg{ImageFormat::jpeg, "JPEG", is_jpeg, probe_jpeg, decode_jpeg};

}  // namespace unet
