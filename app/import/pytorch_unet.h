#pragma once

#include <string>
#include <vector>

#include "app/import/weights_file.h"
#include "configs/schema/tree.h"

namespace unet {

/// Whether these are weights of the widely used Pytorch-UNet (inc.double_conv.0.weight, ..., outc.conv.weight).
/// Source of the layout: https://github.com/milesial/Pytorch-UNet.
bool is_pytorch_unet(const TensorMap& weights);

/// Its weights under the names that the same network has here.
struct PytorchUNet {
  TensorMap weights;
  std::vector<std::string> settings;  ///< KEY=VALUE, of what the names and mask_values tell
};

/// Both variants: with transposed convolutions, and bilinear. Biases before a norm, which older versions have, go into
/// the norm's running mean. `mask_values`, sorted as they stand, become data.labels, or, where they are colours,
/// data.class_colors. Throws Error(data) naming a tensor that has no place.
PytorchUNet from_pytorch_unet(const WeightsFile& file, const std::string& name);

}  // namespace unet
