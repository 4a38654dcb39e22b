#pragma once

#include <optional>
#include <string>

#include "app/checkpoint/safetensors.h"
#include "configs/schema/reader.h"
#include "models/graph/graph.h"

namespace unet {

/// Reads the weights of a residual encoder from a state_dict of torchvision's resnet18, 34 or 50 (.pth or safetensors)
/// and returns them under the names in `graph`, without the classifier and the layers beyond the graph's depth. For
/// images of other than 3 channels, the input channels of the first convolution are repeated and scaled by 3 /
/// channels, which keeps the magnitude of its outputs. Throws Error(missing_input), Error(data) with a list of the
/// tensors that do not fit.
TensorMap read_encoder_weights(const std::string& path, const Graph& graph);

/// Throws Error(missing_input) where model.encoder_weights names a file that does not exist.
void check_encoder_weights(const std::optional<std::string>& path, const Locations& locations);

}  // namespace unet
