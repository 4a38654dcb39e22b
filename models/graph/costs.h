#pragma once

#include <cstdint>
#include <vector>

#include "models/graph/graph.h"

namespace unet {

/// Channels, height and width of a value, for one image.
struct ImageShape {
  int64_t channels = 0;
  int64_t height = 0;
  int64_t width = 0;

  int64_t values() const { return channels * height * width; }
};

/// What one node costs, for one image.
struct NodeCost {
  ImageShape shape;             ///< of the output
  int64_t parameters = 0;       ///< learned values
  int64_t multiply_adds = 0;    ///< of convolutions, those with padding included, as is usual; 0 for other operations
  int64_t receptive_field = 1;  ///< side of the square of image pixels that one output value depends on, at most
};

/// The costs of all nodes, in their order, for images of this size. Norms over a whole image (instance, group) are
/// left out of the receptive field.
std::vector<NodeCost> node_costs(const Graph& graph, int64_t height, int64_t width);

}  // namespace unet
