#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/graph.h"

namespace unet {

using Shape = std::vector<int64_t>;

/// The shapes of all parameters and buffers of a graph by their dotted names, those of the Network that
/// would run it, without allocating any.
std::map<std::string, Shape> tensor_shapes(const Graph& graph);

}  // namespace unet
