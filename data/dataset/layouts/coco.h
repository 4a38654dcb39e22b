#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of images with COCO annotation files: polygons and run-length masks of objects, crowds ignored.
extern const DatasetLayout kCoco;

}  // namespace unet
