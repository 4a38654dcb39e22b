// Source: GIF89a Specification, CompuServe 1990.

#include <algorithm>
#include <array>

#include "data/images/format.h"

namespace unet {
namespace {

using namespace std::string_view_literals;

constexpr int kMaxCodes = 4096;
constexpr size_t kHeaderBytes = 13;
constexpr size_t kFrameBytes = 10;  // descriptor of a frame
constexpr int kOpaque = -1;         // no index is transparent

struct ColorTable {
  size_t offset = 0;
  size_t entries = 0;
};

struct Frame {
  int left = 0, top = 0, width = 0, height = 0;
  bool is_interlaced = false;
  int transparent = kOpaque;  ///< index
  ColorTable colors;
  size_t data = 0;  ///< offset of the code size, before the blocks of codes
  size_t data_bytes = 0;
};

struct GifFile {
  int width = 0, height = 0;
  ColorTable colors;      ///< of frames without colors of their own
  size_t background = 0;  ///< index in `colors`
  std::vector<Frame> frames;
};

bool is_gif(const ByteView& file) { return file.has("GIF87a"sv, 0) || file.has("GIF89a"sv, 0); }

/// Reads the color table that `flags` announce, at `offset`, which moves behind it.
ColorTable read_table(const ByteView& file, int flags, size_t& offset) {
  if ((flags & 0x80) == 0) return {};
  const ColorTable table{offset, size_t{2} << (flags & 7)};
  file.need(offset, 3 * table.entries);
  offset += 3 * table.entries;
  return table;
}

/// Returns the offset behind a chain of blocks, each a length and its bytes; the last has length 0.
size_t end_of_blocks(const ByteView& file, size_t offset) {
  while (const size_t length = file.u8(offset)) {
    file.need(offset + 1, length);
    offset += 1 + length;
  }
  return offset + 1;
}

Frame read_frame(const ByteView& file, size_t& offset, const ColorTable& global) {
  Frame frame;
  frame.left = file.u16_le(offset + 1);
  frame.top = file.u16_le(offset + 3);
  frame.width = file.u16_le(offset + 5);
  frame.height = file.u16_le(offset + 7);
  const int flags = file.u8(offset + 9);
  frame.is_interlaced = (flags & 0x40) != 0;
  offset += kFrameBytes;
  frame.colors = read_table(file, flags, offset);
  if (frame.colors.entries == 0) frame.colors = global;
  if (frame.colors.entries == 0) file.refuse("GIF without a color table, expected one. Save it as PNG");
  check_dimensions(file, frame.width, frame.height);
  frame.data = offset;
  offset = end_of_blocks(file, offset + 1);
  frame.data_bytes = offset - frame.data;
  return frame;
}

/// Refuses a frame that claims more pixels than its data can hold: no code stands for more than kMaxCodes pixels.
void check_plausible(const ByteView& file, const Frame& frame) {
  if (int64_t{frame.width} * frame.height > static_cast<int64_t>(frame.data_bytes) * kMaxCodes)
    file.refuse("damaged GIF: got ", frame.data_bytes, " bytes of pixel data, too few for the ", frame.width, "x",
                frame.height, " pixels that the header promises. Copy or download it again");
}

GifFile read_gif(const ByteView& file) {
  GifFile gif;
  gif.width = file.u16_le(6);
  gif.height = file.u16_le(8);
  gif.background = file.u8(11);
  size_t offset = kHeaderBytes;
  gif.colors = read_table(file, file.u8(10), offset);
  int transparent = kOpaque;
  while (true) {
    const int block = file.u8(offset);
    if (block == 0x3B) break;
    if (block == 0x21) {
      if (file.u8(offset + 1) == 0xF9 && file.u8(offset + 2) >= 4)
        transparent = (file.u8(offset + 3) & 1) != 0 ? file.u8(offset + 6) : kOpaque;
      offset = end_of_blocks(file, offset + 2);
    } else if (block == 0x2C) {
      gif.frames.push_back(read_frame(file, offset, gif.colors));
      gif.frames.back().transparent = transparent;
      transparent = kOpaque;
    } else {
      file.refuse("damaged GIF: no block at byte ", offset, ". Copy or download it again");
    }
  }
  if (gif.frames.empty()) file.refuse("damaged GIF: it holds no image");
  // Some writers leave the size of the screen 0.
  for (const Frame& frame : gif.frames) {
    gif.width = std::max(gif.width, frame.left + frame.width);
    gif.height = std::max(gif.height, frame.top + frame.height);
    check_plausible(file, frame);
  }
  return gif;
}

bool covers_screen(const GifFile& gif, const Frame& frame) {
  return frame.left == 0 && frame.top == 0 && frame.width == gif.width && frame.height == gif.height;
}

const Frame& frame_of(const ByteView& file, const GifFile& gif, int page) {
  const auto index = static_cast<size_t>(page);
  if (index >= gif.frames.size()) file.refuse("GIF of ", gif.frames.size(), " frames, expected frame ", page + 1);
  for (const Frame& frame : gif.frames)
    if (gif.frames.size() > 1 && (!covers_screen(gif, frame) || frame.transparent != kOpaque))
      file.refuse("animated GIF of ", gif.frames.size(), " frames that show only what changes, expected whole ",
                  "pictures. Convert it: magick IN -coalesce OUT.png");
  return gif.frames[index];
}

std::vector<cv::Vec3b> palette_of(const ByteView& file, const ColorTable& table) {
  std::vector<cv::Vec3b> palette(256, cv::Vec3b(0, 0, 0));
  for (size_t i = 0; i < table.entries; ++i)
    palette[i] = {file.u8(table.offset + 3 * i), file.u8(table.offset + 3 * i + 1), file.u8(table.offset + 3 * i + 2)};
  return palette;
}

/// The colors of a picture, RGB by index, and what the screen shows where the frame is not.
struct ScreenColors {
  std::vector<cv::Vec3b> palette;
  uint8_t ground = 0;  ///< index
};

/// The screen is transparent around a frame with transparency, else it has the background color of the file.
ScreenColors colors_of(const ByteView& file, const GifFile& gif, const Frame& frame) {
  ScreenColors colors{palette_of(file, frame.colors)};
  if (covers_screen(gif, frame)) return colors;
  if (frame.transparent != kOpaque) {
    colors.ground = static_cast<uint8_t>(frame.transparent);
    return colors;
  }
  const bool has_own_colors = frame.colors.offset != gif.colors.offset;
  const bool has_background = gif.background < gif.colors.entries;
  const cv::Vec3b background = palette_of(file, gif.colors)[gif.background];
  const auto begin = colors.palette.begin(), end = begin + static_cast<ptrdiff_t>(frame.colors.entries);
  const auto place =
      has_own_colors ? std::find(begin, end, background) : begin + static_cast<ptrdiff_t>(gif.background);
  if (!has_background || place == colors.palette.end())
    file.refuse("GIF whose frame of ", frame.width, "x", frame.height, " covers a part of its ", gif.width, "x",
                gif.height, " pixels, ", has_background ? "with 256 colors of its own" : "without a background color",
                ". Convert it: magick IN -coalesce OUT.png");
  *place = background;
  colors.ground = static_cast<uint8_t>(place - begin);
  return colors;
}

bool is_gray(const std::vector<cv::Vec3b>& palette) {
  return std::all_of(palette.begin(), palette.end(),
                     [](const cv::Vec3b& color) { return color[0] == color[1] && color[1] == color[2]; });
}

ImageInfo probe_gif(const ByteView& file, int page) {
  const GifFile gif = read_gif(file);
  const Frame& frame = frame_of(file, gif, page);
  ImageInfo info;
  info.format = ImageFormat::gif;
  info.width = gif.width;
  info.height = gif.height;
  // Writers keep only the grays that occur, so the index of a gray says nothing.
  info.palette = !is_gray(colors_of(file, gif, frame).palette);
  info.channels = info.palette ? 3 : 1;
  info.pages = static_cast<int>(gif.frames.size());
  return info;
}

/// Reads codes of a growing number of bits, the first in the low bits.
class CodeReader {
 public:
  CodeReader(const ByteView& file, const Frame& frame) {
    for (size_t offset = frame.data + 1; const size_t length = file.u8(offset); offset += 1 + length)
      bytes_ += file.part(offset + 1, length);
  }

  /// Returns the next code, or -1 at the end.
  int next(int bits) {
    while (held_ < bits) {
      if (at_ == bytes_.size()) return -1;
      window_ |= static_cast<uint32_t>(static_cast<uint8_t>(bytes_[at_++])) << held_;
      held_ += 8;
    }
    const auto code = static_cast<int>(window_ & ((1U << bits) - 1));
    window_ >>= bits;
    held_ -= bits;
    return code;
  }

 private:
  std::string bytes_;
  size_t at_ = 0;
  uint32_t window_ = 0;
  int held_ = 0;
};

/// Decodes at most `count` indices; fewer where the codes end or contradict each other.
std::vector<uint8_t> decode_indices(const ByteView& file, const Frame& frame, size_t count) {
  const int root_bits = file.u8(frame.data);
  if (root_bits < 1 || root_bits > 8)
    file.refuse("damaged GIF: got codes of ", root_bits, " bits, expected 1 to 8. Copy or download it again");
  const int clear = 1 << root_bits, end = clear + 1;
  std::array<int, kMaxCodes> prefix{};  // code of all indices but the last
  std::array<uint8_t, kMaxCodes> last{};
  for (int i = 0; i < clear; ++i) last[static_cast<size_t>(i)] = static_cast<uint8_t>(i);
  std::vector<uint8_t> indices, reversed;
  CodeReader codes(file, frame);
  int bits = root_bits + 1, next = end + 1, previous = -1;
  uint8_t first = 0;
  while (indices.size() < count) {
    const int code = codes.next(bits);
    if (code == clear) {
      bits = root_bits + 1;
      next = end + 1;
      previous = -1;
      continue;
    }
    if (code < 0 || code == end || code > next || (previous < 0 && code >= clear)) break;
    const bool is_new = code == next;  // the previous string and its own first index
    if (is_new && previous < 0) break;
    reversed.clear();
    int at = is_new ? previous : code;
    for (; at >= clear; at = prefix[static_cast<size_t>(at)]) reversed.push_back(last[static_cast<size_t>(at)]);
    first = static_cast<uint8_t>(at);
    indices.push_back(first);
    indices.insert(indices.end(), reversed.rbegin(), reversed.rend());
    if (is_new) indices.push_back(first);
    if (previous >= 0 && next < kMaxCodes) {
      prefix[static_cast<size_t>(next)] = previous;
      last[static_cast<size_t>(next)] = first;
      ++next;
      if (next == 1 << bits && bits < 12) ++bits;
    }
    previous = code;
  }
  indices.resize(std::min(indices.size(), count));
  return indices;
}

/// Returns the rows of a frame in the order in which they are stored.
std::vector<int> row_order(const Frame& frame) {
  std::vector<int> rows;
  const auto add = [&](int first, int step) {
    for (int y = first; y < frame.height; y += step) rows.push_back(y);
  };
  if (!frame.is_interlaced) {
    add(0, 1);
  } else {
    add(0, 8);
    add(4, 8);
    add(2, 4);
    add(1, 2);
  }
  return rows;
}

StoredPixels decode_gif(const ByteView& file, const ImageInfo& info, int page) {
  const GifFile gif = read_gif(file);
  const Frame& frame = frame_of(file, gif, page);
  const auto width = static_cast<size_t>(frame.width), height = static_cast<size_t>(frame.height);
  const std::vector<uint8_t> indices = decode_indices(file, frame, width * height);
  if (indices.size() < width * height)
    file.refuse("damaged GIF: its pixels end after ", indices.size(), " of ", width * height,
                ". Copy or download it again");
  const ScreenColors colors = colors_of(file, gif, frame);
  StoredPixels pixels{cv::Mat(gif.height, gif.width, CV_8UC1, cv::Scalar(colors.ground)), colors.palette};
  const std::vector<int> rows = row_order(frame);
  for (size_t i = 0; i < rows.size(); ++i)
    std::copy_n(indices.data() + i * width, width, pixels.samples.ptr(frame.top + rows[i], frame.left));
  if (info.palette) return pixels;
  cv::Mat grays(1, 256, CV_8UC1);
  for (int i = 0; i < 256; ++i) grays.at<uint8_t>(i) = pixels.palette[static_cast<size_t>(i)][0];
  StoredPixels gray;
  cv::LUT(pixels.samples, grays, gray.samples);
  return gray;
}

}  // namespace

const FormatReader kGif{ImageFormat::gif, "GIF", is_gif, probe_gif, decode_gif};

}  // namespace unet
