#include "data/images/image_probe.h"

#include <limits>

#include "data/images/foreign_file.h"
#include "data/images/format.h"

namespace unet {
namespace {

/// OpenCV's default limit on height and width.
constexpr int64_t kMaxSide = int64_t{1} << 20;

std::string format_names() {
  std::string names;
  const std::vector<FormatReader>& readers = format_readers();
  for (size_t i = 0; i < readers.size(); ++i)
    names += (i == 0 ? "" : i + 1 == readers.size() ? " or " : ", ") + std::string(readers[i].name);
  return names;
}

void check_memory(const ByteView& file, const ImageInfo& info) {
  if (info.channels > kMaxChannels)
    file.refuse("too many channels: got ", info.channels, ", expected at most ", kMaxChannels);
  const bool is_wide = info.bits > 16 || info.kind != SampleKind::unsigned_integer;
  const int64_t bytes = info.width * info.height * info.channels * (is_wide ? 4 : info.bits > 8 ? 2 : 1);
  if (bytes > kMaxDecodedBytes)
    file.refuse("too large: got ", info.width, "x", info.height, " pixels of ", info.channels, " channels, expected ",
                "at most ", kMaxDecodedBytes >> 30, " GiB when decoded. Cut it into tiles");
}

}  // namespace

const std::vector<FormatReader>& format_readers() {
  static const std::vector<FormatReader> table{kPng, kJpeg, kTiff, kBmp, kWebp, kGif, kJpeg2000, kPnm, kNpy};
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
    check_memory(file, info);
    return info;
  }
  const ForeignFile foreign = recognize_foreign(file);
  file.refuse("got ", foreign.name, ", expected an image: ", format_names(), ". ", foreign.remedy);
}

}  // namespace unet
