#pragma once

#include <optional>
#include <string>

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of images/ and masks/ with files of equal stems; `data.images`, `data.masks` and `data.mask_suffix` adapt the
/// names.
extern const DatasetLayout kImageMaskFolders;

/// Adds the samples of `folder`/images and `folder`/masks, in byte order of their stems, as samples of `part`.
/// Throws Error(missing_input) if one of the folders does not exist.
void add_image_mask_folders(const std::string& folder, const DataOptions& options, std::optional<Part> part,
                            SampleList& list);

}  // namespace unet
