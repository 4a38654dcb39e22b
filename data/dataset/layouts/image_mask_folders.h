#pragma once

#include <string>
#include <vector>

#include "data/dataset/layouts/layout.h"
#include "data/dataset/layouts/usual_names.h"

namespace unet {

/// Layout of images/ and masks/ with files of equal stems, in sub-folders too; the folders may have other usual names,
/// and the files prefixes and suffixes.
extern const DatasetLayout kImageMaskFolders;

/// Layout of images and masks in one folder, told apart by their names: a.png and a_mask.png.
extern const DatasetLayout kOneFolder;

/// Folders in `folder` that usually hold files of this kind, in byte order; of several masks folders those that hold
/// image files.
std::vector<std::string> folders_of_kind(const std::string& folder, FileKind kind);

}  // namespace unet
