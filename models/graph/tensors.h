#pragma once

#include <map>
#include <string>

#include "models/graph/graph.h"

namespace unet {

/// Parameters and buffers of the module that runs an operation, by their names in it.
TensorSpecs own_tensors(const Op& operation);

/// Shapes of all parameters and buffers of a graph by dotted name, equal to those of the Network that runs it, without
/// allocating any.
std::map<std::string, Shape> tensor_shapes(const Graph& graph);

}  // namespace unet
