#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

namespace unet {

/// Parts of a U-Net: encoder, bottleneck, decoder, head. The names of its tensors begin with them.
const std::vector<std::string>& network_parts();

/// Part that a tensor belongs to: "encoder.0.conv1.weight" -> "encoder".
std::string part_of(const std::string& name);

/// Freezes these parts of a network in training and unfreezes all others. A frozen part gets no gradients; its norms
/// use their running statistics and leave them unchanged.
void freeze_parts(torch::nn::Module& network, const std::vector<std::string>& parts);

}  // namespace unet
