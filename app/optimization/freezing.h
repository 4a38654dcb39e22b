#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

namespace unet {

/// The parts of a U-Net: encoder, bottleneck, decoder, head. The names of its tensors begin with them.
const std::vector<std::string>& network_parts();

/// "encoder.0.conv1.weight" -> "encoder".
std::string part_of(const std::string& name);

/// Freezes these parts of a network in training, and brings the others back: a frozen part gets no gradients, its norms
/// do what they do in prediction, and their statistics stay.
void freeze_parts(torch::nn::Module& network, const std::vector<std::string>& parts);

}  // namespace unet
