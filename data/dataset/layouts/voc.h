#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of Pascal VOC: JPEGImages/, SegmentationClass/, and the parts in ImageSets/Segmentation/train.txt, val.txt,
/// trainval.txt and test.txt. Images without a mask are left out, as those for detection have none.
extern const DatasetLayout kVoc;

}  // namespace unet
