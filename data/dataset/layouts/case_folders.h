#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of a folder for each case, with images/ and masks/ inside: NAME/images/a.png with one mask for each object in
/// NAME/masks/, or several images with masks of equal stems. With five cases or more, the
/// images of a case stay in one part.
extern const DatasetLayout kCaseFolders;

}  // namespace unet
