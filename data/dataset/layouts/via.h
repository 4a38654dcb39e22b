#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of images with a project or annotation file of the VGG Image Annotator 2 (JSON).
extern const DatasetLayout kVia;

}  // namespace unet
