#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

#include "models/unet/parts.h"

namespace unet {

/// Freezes `parts` of a network (see network_parts) for training and unfreezes the others. A frozen part gets no
/// gradients, and its norms use their running statistics, which do not change.
void freeze_parts(torch::nn::Module& network, const std::vector<std::string>& parts);

}  // namespace unet
