#include "data/dataset/layouts/manifest_table.h"

#include <filesystem>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/layouts/csv.h"
#include "data/files/folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, kManifestColumns> kColumnNames{"image", "mask", "split", "group", "weight"};

std::optional<ManifestColumn> column_of(const std::string& name) {
  const std::string word = lower_case(trimmed(name));
  for (size_t i = 0; i < kManifestColumns; ++i)
    if (word == kColumnNames[i] || word == std::string(kColumnNames[i]) + "s" ||
        word == std::string(kColumnNames[i]) + "_path")
      return static_cast<ManifestColumn>(i);
  return std::nullopt;
}

bool is_table_name(const std::string& name) {
  const std::string extension = extension_of(name);
  return extension == ".csv" || extension == ".tsv";
}

}  // namespace

std::optional<ManifestHeading> read_manifest_heading(const std::string& path) {
  for (const char separator : {',', '\t', ';'}) {
    CsvReader table(path);
    table.separator = separator;
    std::vector<std::string> fields;
    ManifestHeading heading{{}, separator, 0};
    heading.at.fill(std::string::npos);
    try {
      if (!table.next(fields)) return std::nullopt;
    } catch (const Error&) {
      continue;
    }
    heading.fields = fields.size();
    for (size_t i = 0; i < fields.size(); ++i)
      if (const auto column = column_of(fields[i])) heading.at[*column] = i;
    if (heading.has(kImageColumn) && heading.has(kMaskColumn)) return heading;
  }
  return std::nullopt;
}

std::vector<std::string> find_manifests(const std::string& folder) {
  std::vector<std::string> found;
  for (const std::string& name : list_folder(folder)) {
    if (!is_table_name(name)) continue;
    const std::string path = (fs::path(folder) / name).string();
    if (lower_case(fs::path(name).stem().string()) == "manifest") return {path};
    if (read_manifest_heading(path)) found.push_back(path);
  }
  return found;
}

}  // namespace unet
