#pragma once

#include <string>

#include "models/graph/graph.h"

namespace unet {

/// Writes the graph in evaluation mode as TorchScript, for torch::jit::Module::define: a method
/// `forward(self, image)` that reads parameters and buffers from sub-modules with the dotted names of the nodes. It
/// reads sizes from the image when it runs, so it works for any batch size, height and width.
std::string torchscript_source(const Graph& graph);

}  // namespace unet
