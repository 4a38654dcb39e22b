#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of images/ with labels/ of Ultralytics or Roboflow: a text file of normalized outlines for each image.
extern const DatasetLayout kYolo;

}  // namespace unet
