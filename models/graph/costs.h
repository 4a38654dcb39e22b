#pragma once

#include <cstdint>
#include <vector>

#include "models/graph/graph.h"
#include "models/graph/operations/trace.h"

namespace unet {

/// Cost of one node, for one image.
struct NodeCost {
  ImageShape shape;             ///< of the output
  int64_t parameters = 0;       ///< number of learned values
  int64_t multiply_adds = 0;    ///< of convolutions, including those with padding; 0 for other operations
  int64_t receptive_field = 1;  ///< largest side, in pixels, of the area that one output value depends on
};

/// Returns the costs of all nodes, in order, for images of this size. Norms over a whole image (instance, group) do not
/// count toward the receptive field.
std::vector<NodeCost> node_costs(const Graph& graph, int64_t height, int64_t width);

}  // namespace unet
