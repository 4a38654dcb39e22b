#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of images with a JSON file of labelme each. Labels are those of labels.txt, else all that occur, sorted.
extern const DatasetLayout kLabelme;

}  // namespace unet
