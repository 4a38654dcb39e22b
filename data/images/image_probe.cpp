#include "data/images/image_probe.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "data/images/format.h"

namespace unet {
namespace {

using namespace std::string_view_literals;

/// OpenCV's default limit on height and width.
constexpr int64_t kMaxSide = int64_t{1} << 20;

struct Impostor {
  size_t offset;
  std::string_view magic;
  const char* name;
};

/// Files that are often misnamed as images, and unsupported image formats.
constexpr Impostor kImpostors[] = {
    {0, "GIF8"sv, "a GIF image"},
    {4, "ftyp"sv, "a HEIC or AVIF image or a video"},
    {0, "\0\0\0\x0CjP  "sv, "a JPEG 2000 image"},
    {128, "DICM"sv, "a DICOM file"},
    {0, "\x89HDF"sv, "an HDF5 file"},
    {0, "\x93NUMPY"sv, "a NumPy array"},
    {0, "%PDF"sv, "a PDF document"},
    {0, "PK\x03\x04"sv, "a ZIP archive"},
    {0, "\x1F\x8B"sv, "a gzip archive"},
    {0, "version https://git-lfs"sv, "a Git LFS pointer whose file was not fetched"},
};

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isprint(byte) != 0 || std::isspace(byte) != 0 || byte >= 0x80;
  });
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

/// Describes what a file of unknown format most likely is.
std::string describe_unknown(const ByteView& file) {
  for (const Impostor& impostor : kImpostors)
    if (file.has(impostor.magic, impostor.offset)) return impostor.name;
  const std::string_view head = file.part(0, std::min<size_t>(file.size(), 512));
  const std::string text = lower_case(head);
  for (const char* tag : {"<!doctype html", "<html", "<head", "<body"})
    if (text.find(tag) != std::string::npos) return "an HTML page, perhaps a failed download";
  if (head.find_first_not_of('\0') == std::string_view::npos) return "a file of zeros";
  return is_text(head) ? "text" : "unknown data";
}

}  // namespace

const std::vector<FormatReader>& format_readers() {
  static const std::vector<FormatReader> table{kPng, kJpeg, kTiff, kBmp, kWebp};
  return table;
}

void check_dimensions(const ByteView& file, int64_t width, int64_t height) {
  if (width <= 0 || height <= 0)
    file.refuse("broken header: got ", width, "x", height, " pixels, expected at least 1x1");
  if (width > kMaxSide || height > kMaxSide || width * height > kMaxPixels)
    file.refuse("too large: got ", width, "x", height, " pixels, expected at most ", kMaxPixels, " in total and ",
                kMaxSide, " per side. Cut it into tiles");
}

ImageInfo probe_image(const std::string& bytes, const std::string& name, int page) {
  const ByteView file(bytes, name);
  if (bytes.empty()) file.refuse("the file is empty. Copy or download it again");
  if (bytes.size() > std::numeric_limits<int32_t>::max())
    file.refuse("too large: got ", bytes.size(), " bytes, expected at most 2 GiB. Cut it into tiles");
  for (const FormatReader& reader : format_readers()) {
    if (!reader.matches(file)) continue;
    const ImageInfo info = reader.probe(file, page);
    check_dimensions(file, info.width, info.height);
    return info;
  }
  file.refuse("got ", describe_unknown(file), ", expected a PNG, JPEG, TIFF, BMP or WebP image. Convert or remove it");
}

}  // namespace unet
