#include "data/convert/output_format.h"

#include <algorithm>
#include <filesystem>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "data/convert/stored_image.h"
#include "data/dataset/content_hash.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

const OutputFormat* const kTable[] = {&kFoldersOutput, &kCocoOutput, &kLabelmeOutput, &kNnunetOutput};

}  // namespace

const OutputFormat& find_output_format(const std::string& name) {
  std::vector<std::string> names;
  for (const OutputFormat* format : kTable) {
    if (format->name.name == name) return *format;
    names.emplace_back(format->name.name);
  }
  fail(ErrorKind::usage, "--format: got '", name, "'", expected_one_of(name, names));
}

void write_below(const std::string& folder, const std::string& path, const std::string& bytes) {
  const std::filesystem::path place = std::filesystem::path(folder) / path;
  std::error_code error;
  std::filesystem::create_directories(place.parent_path(), error);
  if (error)
    fail(ErrorKind::cannot_create, place.parent_path().string(), ": cannot create the folder: ", error.message());
  write_file_in_place(place.string(), bytes, place.string());
}

void write_stored_image(const SampleToWrite& sample, const std::string& folder, const std::string& path,
                        WrittenSample& written) {
  const StoredImage stored = store_image(sample.ref.image, sample.image);
  written.image = path + stored.extension;
  written.image_hash = content_hash(sample.image.pixels);
  written.mask_hash = content_hash(sample.values);
  written.reason = stored.reason;
  write_below(folder, written.image, stored.bytes);
}

}  // namespace unet
