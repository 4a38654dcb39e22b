#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/graph/graph.h"

namespace unet {

using Shape = std::vector<int64_t>;

/// A parameter or a buffer.
struct TensorSpec {
  Shape shape;
  bool is_parameter = true;  ///< learned by gradient
};

/// Those of the module that would run the operation, by their names in it.
std::map<std::string, TensorSpec> own_tensors(const Op& operation);

/// The shapes of all parameters and buffers of a graph by their dotted names, those of the Network that
/// would run it, without allocating any.
std::map<std::string, Shape> tensor_shapes(const Graph& graph);

}  // namespace unet
