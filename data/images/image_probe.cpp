#include "data/images/image_probe.h"

#include "data/images/foreign_file.h"
#include "data/images/format.h"

namespace unet {
namespace {

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
  if (!file.is_partial() && decoded_bytes(info) > kMaxDecodedBytes)
    file.refuse("too large: got ", info.width, "x", info.height, " pixels of ", info.channels, " channels, expected ",
                "at most ", kMaxDecodedBytes >> 30, " GiB when decoded. Cut it into tiles");
}

}  // namespace

int decoded_depth(const ImageInfo& info) {
  if (info.bits > 16 || info.kind != SampleKind::unsigned_integer) return CV_32F;
  return info.bits > 8 ? CV_16U : CV_8U;
}

int64_t decoded_bytes(const ImageInfo& info) {
  return info.width * info.height * info.channels * CV_ELEM_SIZE1(decoded_depth(info));
}

const FormatReader* recognize_format(const ByteView& file) {
  for (const FormatReader& reader : format_readers())
    if (reader.matches(file)) return &reader;
  return nullptr;
}

void check_header(const ByteView& file, const ImageInfo& info) {
  check_dimensions(file, info.width, info.height);
  check_memory(file, info);
}

const std::vector<FormatReader>& format_readers() {
  static const std::vector<FormatReader> table{kPng, kJpeg, kTiff, kBmp, kWebp, kGif, kJpeg2000, kPnm, kNpy};
  return table;
}

void check_dimensions(const ByteView& file, int64_t width, int64_t height) {
  if (width <= 0 || height <= 0)
    file.refuse("broken header: got ", width, "x", height, " pixels, expected at least 1x1");
  const bool is_whole = !file.is_partial();  // else only regions are decoded
  if (width > kMaxSide || height > kMaxSide || (is_whole && width * height > kMaxPixels))
    file.refuse("too large: got ", width, "x", height, " pixels, expected at most ", kMaxPixels, " in total and ",
                kMaxSide, " per side. Cut it into tiles");
}

ImageInfo probe_image(const std::string& bytes, const std::string& name, int page) {
  const ByteView file(bytes, name);
  if (bytes.empty()) file.refuse("the file is empty. Copy or download it again");
  if (bytes.size() > kMaxFileBytes)
    file.refuse("too large: got ", bytes.size(), " bytes, expected at most 2 GiB. Cut it into tiles");
  if (const FormatReader* reader = recognize_format(file)) {
    const ImageInfo info = reader->probe(file, page);
    check_header(file, info);
    return info;
  }
  const ForeignFile foreign = recognize_foreign(file);
  file.refuse("got ", foreign.name, ", expected an image: ", format_names(), ". ", foreign.remedy);
}

}  // namespace unet
