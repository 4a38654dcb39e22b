#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of images with a GeoJSON file of QuPath each.
extern const DatasetLayout kQupath;

}  // namespace unet
