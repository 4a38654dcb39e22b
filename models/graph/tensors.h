#pragma once

#include <map>
#include <string>

#include "models/graph/graph.h"

namespace unet {

/// Returns the parameters and buffers of the module that runs an operation, by their names in the module.
TensorSpecs own_tensors(const Op& operation);

/// Returns the shapes of all parameters and buffers of a graph by dotted name. Equal to those of the Network that runs
/// it, but allocates none.
std::map<std::string, Shape> tensor_shapes(const Graph& graph);

}  // namespace unet
