#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace unet {

/// Columns of a manifest, and how many there are.
enum ManifestColumn : size_t { kImageColumn, kMaskColumn, kSplitColumn, kGroupColumn, kWeightColumn, kManifestColumns };

/// Position of each column in the records; npos where the table has none.
struct ManifestHeading {
  std::array<size_t, kManifestColumns> at;
  char separator;
  size_t fields;  ///< of the first line

  bool has(ManifestColumn column) const { return at[column] != std::string::npos; }
};

/// Reads the first line of a table; nothing where it lacks the columns image and mask.
std::optional<ManifestHeading> read_manifest_heading(const std::string& path);

/// The tables of a folder that are manifests: manifest.csv or manifest.tsv where there is one, else all. Throws
/// Error(io).
std::vector<std::string> find_manifests(const std::string& folder);

}  // namespace unet
