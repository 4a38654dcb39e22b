#pragma once

#include <optional>
#include <string>

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Folders whose files are paired by their names.
struct PairFolders {
  std::string images, masks;  ///< paths; equal where one folder holds both
  FileNames names;            ///< affixes that are given; where there are none, they are found
  std::optional<Part> part{};
  bool every_image = true;  ///< an image without a mask is a problem (or what data.missing_mask says), not a note
};

/// Adds the samples of two folders, or of one, to the list, by part in the byte order of their names: files of equal
/// folder and stem, else by the prefixes and suffixes that the names show, else a folder of masks for each image. What
/// was found is a decision, and is written to `list.names`. Ambiguous names give one problem with what to
/// type. Throws Error(io).
void add_pairs(const PairFolders& folders, const DataOptions& options, SampleList& list);

/// Whether the names of one folder tell images from masks, or nearly so.
bool holds_both(const std::string& folder);

/// The arguments that choose these names: " --set data.images=A --set data.masks=B", of those that are not the default.
std::string settings_of(const FileNames& names);

}  // namespace unet
