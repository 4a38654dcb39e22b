#pragma once

#include <string>

#include "app/checkpoint/safetensors.h"
#include "configs/schema/reader.h"
#include "models/graph/graph.h"

namespace unet {

/// The weights of a residual encoder from a state_dict of torchvision's resnet18, 34 or 50 (.pth or safetensors), under
/// the names that `graph` has for them. Its classifier and the layers below the graph's depth are left out. Where the
/// images have other than 3 channels, those of the first convolution are repeated, and scaled by 3 / channels, so that
/// its sums keep their size. Throws Error(missing_input), Error(data) listing what does not fit.
TensorMap read_encoder_weights(const std::string& path, const Graph& graph);

/// Throws Error(missing_input) where model.encoder_weights names a file that is not there.
void check_encoder_weights(const std::string& path, const Locations& locations);

}  // namespace unet
