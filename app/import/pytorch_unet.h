#pragma once

#include <string>
#include <vector>

#include "app/import/weights_file.h"
#include "configs/schema/tree.h"

namespace unet {

/// Whether these are weights of the widely used Pytorch-UNet (inc.double_conv.0.weight, ..., outc.conv.weight).
/// Source of the layout: https://github.com/milesial/Pytorch-UNet.
bool is_pytorch_unet(const TensorMap& weights);

/// Weights of Pytorch-UNet under the names of this program.
struct PytorchUNet {
  TensorMap weights;
  std::vector<std::string> settings;  ///< KEY=VALUE, from the names and mask_values
};

/// Converts both variants: with transposed convolutions, and bilinear. Biases before a norm, which older versions have,
/// are folded into the norm's running mean. `mask_values` become data.labels in their order, or data.class_colors if
/// they are colors. Throws Error(data) with the name of an unexpected tensor.
PytorchUNet from_pytorch_unet(const WeightsFile& file, const std::string& name);

}  // namespace unet
