#pragma once

#include <string>
#include <vector>

#include "app/checkpoint/safetensors.h"
#include "app/export/onnx_writer.h"
#include "models/graph/graph.h"

namespace unet {

/// Writes one node of a graph as ONNX operations. `inputs` and `output` are names of ONNX values; `weights` holds the
/// tensors of the network.
void write_onnx_node(OnnxWriter& onnx, const TensorMap& weights, const Node& node,
                     const std::vector<std::string>& inputs, const std::string& output);

}  // namespace unet
