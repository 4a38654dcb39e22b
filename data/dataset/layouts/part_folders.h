#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of train/ and, optionally, val/ and test/ (or valid/, testing/, ...), each a data set of any layout.
extern const DatasetLayout kPartFolders;

/// Layout of parts inside or beside the kinds: images/train with masks/train, train_images/ with train_masks/.
extern const DatasetLayout kPartsOfKinds;

}  // namespace unet
