#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of images with masks of Cellpose (NAME_cp_masks.png or .tif, NAME_seg.npy), all objects as one class.
extern const DatasetLayout kCellpose;

}  // namespace unet
