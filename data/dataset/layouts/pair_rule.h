#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset/layouts/file_names.h"
#include "data/dataset/layouts/pairing.h"

namespace unet {

/// How an image finds its mask.
enum class PairMode {
  by_path,    ///< folder and stem are equal
  by_stem,    ///< folders differ
  by_folder,  ///< the masks of an image stand in a folder of its name
};

/// What pairs the files of two folders, or of one.
struct PairRule {
  NamePattern pattern{};
  PairMode mode = PairMode::by_path;
};

/// The masks in each sub-folder, in their order; not those beside the sub-folders.
using MasksByFolder = std::map<std::string, std::vector<const NamedFile*>>;

MasksByFolder masks_by_folder(const std::vector<NamedFile>& masks);

/// Returns the rule of the affixes that are given, else the one that the names show. What was found is a decision of
/// the list, and is written to `list.names`. Nothing where the names are ambiguous: the list then has a problem with
/// what to type. `images` and `masks` are the same files where one folder holds both.
std::optional<PairRule> choose_pair_rule(const PairFolders& folders, const std::vector<NamedFile>& images,
                                         const std::vector<NamedFile>& masks, const DataOptions& options,
                                         SampleList& list);

}  // namespace unet
