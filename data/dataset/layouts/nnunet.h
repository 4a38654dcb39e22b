#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of nnU-Net (version 2) in two dimensions: imagesTr/ with a file for each channel (NAME_0000.png, ...),
/// labelsTr/NAME.png, and the classes in dataset.json. imagesTs/ is the test part where labelsTs/ exists.
/// Source: Isensee et al. 2021, github.com/MIC-DKFZ/nnUNet.
extern const DatasetLayout kNnunet;

}  // namespace unet
