// Source: NumPy, "The NPY format", numpy.lib.format, versions 1 to 3.

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "data/images/format.h"
#include "data/images/sample_type.h"

namespace unet {
namespace {

using namespace std::string_view_literals;

struct NpyHeader {
  SampleType type;
  bool is_bool = false;
  bool is_big_endian = false;
  bool is_fortran = false;  ///< the first axis varies fastest
  std::vector<int64_t> shape;
  size_t data = 0;  ///< offset of the first number

  size_t bytes_each() const { return static_cast<size_t>(type.bits / 8); }
  std::string shape_text() const {
    std::string text;
    for (const int64_t length : shape) text += (text.empty() ? "" : ", ") + std::to_string(length);
    return "(" + text + ")";
  }
};

bool is_npy(const ByteView& file) { return file.has("\x93NUMPY"sv, 0); }

/// Returns what follows 'key': in the header.
std::string_view value_of(const ByteView& file, std::string_view text, std::string_view key) {
  size_t at = text.find(concat("'", key, "'"));
  if (at != std::string_view::npos) at = text.find(':', at);
  if (at != std::string_view::npos) at = text.find_first_not_of(" \t\n", at + 1);
  if (at == std::string_view::npos) file.refuse("damaged NumPy array: no ", key, " in its header");
  return text.substr(at);
}

void read_type(const ByteView& file, std::string_view descr, NpyHeader& header) {
  const std::string_view code = descr.size() < 2 || descr[0] != '\'' ? ""sv : descr.substr(1, descr.find('\'', 1) - 1);
  if (!code.empty() && code.find('O') != std::string_view::npos)
    file.refuse("got a NumPy file of Python objects (as Cellpose's _seg.npy), expected an array of numbers. Save the ",
                "array alone: python3 -c \"import numpy as n, sys; n.save(sys.argv[2], n.load(sys.argv[1], ",
                "allow_pickle=True).item()['masks'])\" IN OUT.npy");
  const auto refuse_type = [&] {
    file.refuse("got a NumPy array of ", code.empty() ? "records"sv : code,
                ", expected bool, int, uint or float of at ", "most 64 bits. Convert it with astype and numpy.save");
  };
  if (code.size() != 3) refuse_type();
  const char order = code[0], kind = code[1];
  const int bytes = code[2] - '0';
  if ((order != '<' && order != '>' && order != '|' && order != '=') ||
      (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8))
    refuse_type();
  header.is_big_endian = order == '>';
  header.is_bool = kind == 'b' && bytes == 1;
  header.type.bits = 8 * bytes;
  if (kind == 'i')
    header.type.kind = SampleKind::signed_integer;
  else if (kind == 'f' && bytes > 1)
    header.type.kind = SampleKind::floating;
  else if (kind != 'u' && !header.is_bool)
    refuse_type();
}

void read_shape(const ByteView& file, std::string_view text, NpyHeader& header) {
  const size_t end = text.find(')');
  if (text.empty() || text[0] != '(' || end == std::string_view::npos)
    file.refuse("damaged NumPy array: no shape in its header");
  int64_t length = -1;  // no digit yet
  for (const char c : text.substr(1, end)) {
    if (c >= '0' && c <= '9') {
      if (length > std::numeric_limits<int32_t>::max()) file.refuse("damaged NumPy array: a length of over 2^31");
      length = std::max<int64_t>(length, 0) * 10 + (c - '0');
    } else if (length >= 0) {
      header.shape.push_back(length);
      length = -1;
    }
  }
}

/// Checks that the file holds all numbers.
void check_length(const ByteView& file, const NpyHeader& header) {
  int64_t count = 1;
  for (const int64_t length : header.shape) {
    if (length <= 0) file.refuse("got a NumPy array of shape ", header.shape_text(), ", expected at least one number");
    if (length > std::numeric_limits<int64_t>::max() / 8 / count) file.need(file.size(), 1);
    count *= length;
  }
  file.need(header.data, static_cast<size_t>(count) * header.bytes_each());
}

NpyHeader read_npy_header(const ByteView& file) {
  const int version = file.u8(6);
  if (version < 1 || version > 3) file.refuse("got a NumPy array of version ", version, ", expected 1 to 3");
  const size_t text_begin = version == 1 ? 10 : 12;
  const size_t length = version == 1 ? file.u16_le(8) : file.u32_le(8);
  const std::string_view text = file.part(text_begin, length);
  if (text.empty() || text.back() != '\n') file.refuse("damaged NumPy array: its header does not end with a line");
  NpyHeader header;
  header.data = text_begin + length;
  read_type(file, value_of(file, text, "descr"), header);
  header.is_fortran = value_of(file, text, "fortran_order").substr(0, 4) == "True";
  read_shape(file, value_of(file, text, "shape"), header);
  check_length(file, header);
  return header;
}

/// Which axis is which; empty axes have length 1.
struct Axes {
  int64_t pages = 1, height = 1, width = 1, channels = 1;
  int64_t page_step = 0, row_step = 0, column_step = 0, channel_step = 0;  ///< in numbers
};

enum class AxisOrder { rows_columns, channels_last, channels_first, pages_first };

/// Tells apart channels and pages by the lengths, where they leave no doubt.
AxisOrder axis_order(const ByteView& file, const NpyHeader& header) {
  constexpr int64_t kSurelyChannels = 4, kMaxAspect = 4;
  const std::vector<int64_t>& shape = header.shape;
  if (shape.size() == 2) return AxisOrder::rows_columns;
  if (shape.size() == 3) {
    const int64_t a = shape[0], b = shape[1], c = shape[2];
    if (c == 1 || (c <= kSurelyChannels && std::min(a, b) > kSurelyChannels)) return AxisOrder::channels_last;
    if (a == 1 || (a <= kSurelyChannels && std::min(b, c) > kSurelyChannels)) return AxisOrder::channels_first;
    if (c <= kMaxChannels && std::min(a, b) >= 4 * c) return AxisOrder::channels_last;
    if (std::min({a, b, c}) > kMaxChannels && std::max(b, c) <= kMaxAspect * std::min(b, c))
      return AxisOrder::pages_first;
  }
  file.refuse("got a NumPy array of shape ", header.shape_text(), ", expected (height, width) or (height, width, ",
              "channels); channels and pages cannot be told apart. Save each image as a file of its own, or move the ",
              "channels to the end with numpy.moveaxis(a, 0, -1)");
}

Axes axes_of(const ByteView& file, const NpyHeader& header) {
  const std::vector<int64_t>& shape = header.shape;
  const AxisOrder order = axis_order(file, header);
  std::array<int64_t, 3> step{};
  int64_t next = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    const size_t axis = header.is_fortran ? i : shape.size() - 1 - i;
    step[axis] = next;
    next *= shape[axis];
  }
  switch (order) {
    case AxisOrder::rows_columns:
      return {1, shape[0], shape[1], 1, 0, step[0], step[1], 0};
    case AxisOrder::channels_last:
      return {1, shape[0], shape[1], shape[2], 0, step[0], step[1], step[2]};
    case AxisOrder::channels_first:
      return {1, shape[1], shape[2], shape[0], 0, step[1], step[2], step[0]};
    default:
      return {shape[0], shape[1], shape[2], 1, step[0], step[1], step[2], 0};
  }
}

ImageInfo probe_npy(const ByteView& file, int page) {
  const NpyHeader header = read_npy_header(file);
  const Axes axes = axes_of(file, header);
  if (page >= axes.pages) file.refuse("NumPy array of ", axes.pages, " images, expected image ", page + 1);
  ImageInfo info;
  info.format = ImageFormat::npy;
  info.width = axes.width;
  info.height = axes.height;
  info.channels = static_cast<int>(axes.channels);
  info.kind = header.type.kind;
  info.bits = header.is_bool ? 1 : header.type.bits;
  if (axes.pages > std::numeric_limits<int>::max()) file.refuse("too large: ", axes.pages, " pages");
  info.pages = static_cast<int>(axes.pages);
  return info;
}

/// Copies one row to `row`, in the byte order of this machine, channels interleaved.
void gather_row(const ByteView& file, const NpyHeader& header, const Axes& axes, int64_t first, uint8_t* row) {
  const size_t bytes = header.bytes_each();
  for (int64_t x = 0; x < axes.width; ++x)
    for (int64_t c = 0; c < axes.channels; ++c, row += bytes) {
      const auto at = static_cast<size_t>(first + x * axes.column_step + c * axes.channel_step);
      const uint8_t* number = file.data() + header.data + at * bytes;
      if (header.is_big_endian)
        std::reverse_copy(number, number + bytes, row);
      else
        std::copy_n(number, bytes, row);
    }
}

StoredPixels decode_npy(const ByteView& file, const ImageInfo& info, int page) {
  const NpyHeader header = read_npy_header(file);
  const Axes axes = axes_of(file, header);
  const auto row_numbers = static_cast<size_t>(axes.width * axes.channels);
  std::vector<uint8_t> row(row_numbers * header.bytes_each());
  for (int depth = sample_depth(header.type);; depth = CV_32F) {
    cv::Mat image(static_cast<int>(info.height), static_cast<int>(info.width), CV_MAKETYPE(depth, info.channels));
    bool fits = true;
    for (int y = 0; y < image.rows; ++y) {
      gather_row(file, header, axes, page * axes.page_step + y * axes.row_step, row.data());
      fits = convert_samples(row.data(), header.type, row_numbers, depth, image.ptr(y)) && fits;
    }
    if (!fits) continue;  // some integer takes more than 32 bits
    StoredPixels pixels{image};
    pixels.invalid = invalid_pixels(image, std::nullopt);
    return pixels;
  }
}

/// An array whose rows are stored one after the other, channels last.
class NpyRegions : public RegionDecoder {
 public:
  NpyRegions(const RandomAccessFile& file, const ImageInfo& info, NpyHeader header, const Axes& axes, int page)
      : RegionDecoder(info), file_(file), header_(std::move(header)), axes_(axes), page_(page) {}

  StoredPixels decode(const cv::Rect& part) override {
    const auto row_numbers = static_cast<size_t>(part.width * axes_.channels);
    std::string row(row_numbers * header_.bytes_each(), '\0');
    auto* bytes = reinterpret_cast<uint8_t*>(row.data());
    for (int depth = sample_depth(header_.type);; depth = CV_32F) {
      cv::Mat image(part.size(), CV_MAKETYPE(depth, info().channels));
      bool fits = true;
      for (int y = 0; y < part.height; ++y) {
        read_row(part.x, part.y + y, row);
        fits = convert_samples(bytes, header_.type, row_numbers, depth, image.ptr(y)) && fits;
      }
      if (!fits) continue;
      StoredPixels pixels{image};
      pixels.invalid = invalid_pixels(image, std::nullopt);
      return pixels;
    }
  }

 private:
  void read_row(int x, int y, std::string& row) const {
    const int64_t first = page_ * axes_.page_step + y * axes_.row_step + x * axes_.column_step;
    const size_t each = header_.bytes_each();
    file_.read(header_.data + static_cast<size_t>(first) * each, row.size(), row.data());
    for (size_t i = 0; header_.is_big_endian && i < row.size(); i += each)
      std::reverse(row.data() + i, row.data() + i + each);
  }

  const RandomAccessFile& file_;
  NpyHeader header_;
  Axes axes_;
  int64_t page_;
};

std::unique_ptr<RegionDecoder> open_npy_regions(const RandomAccessFile& file, const ByteView& head, int page) {
  const ImageInfo info = probe_npy(head, page);
  NpyHeader header = read_npy_header(head);
  const Axes axes = axes_of(head, header);
  const bool has_rows = axes.column_step == axes.channels && (axes.channels == 1 || axes.channel_step == 1);
  if (!has_rows) return nullptr;
  return std::make_unique<NpyRegions>(file, info, std::move(header), axes, page);
}

}  // namespace

const FormatReader kNpy{ImageFormat::npy, "NPY", is_npy, probe_npy, decode_npy, open_npy_regions};

}  // namespace unet
