#pragma once

#include <string>

#include "models/graph/graph.h"

namespace unet {

/// The graph in evaluation mode as TorchScript, for torch::jit::Module::define: a method
/// `forward(self, image)` that reads parameters and buffers from sub-modules with the dotted names of the nodes.
/// Sizes are read off the image when it runs, so that any batch, height and width will do.
std::string torchscript_source(const Graph& graph);

}  // namespace unet
