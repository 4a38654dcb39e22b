#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of train/ and, optionally, val/ and test/, each with images/ and masks/ inside.
extern const DatasetLayout kPartFolders;

}  // namespace unet
