#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of images with an annotation file of CVAT for images 1.1 (XML).
extern const DatasetLayout kCvat;

}  // namespace unet
