#pragma once

#include <string>
#include <vector>

#include "models/graph/costs.h"

namespace unet {

/// A line of `inspect`: one node of the graph with the norm, activation and dropout that follow it. Sums are over these
/// nodes.
struct Layer {
  std::string name;       ///< dotted path of the first node's module
  std::string operation;  ///< description, e.g. "conv 3x3, batch norm, relu"
  ImageShape shape;       ///< shape of the last output
  int64_t parameters = 0;
  int64_t multiply_adds = 0;
  int64_t values = 0;  ///< number of values in all outputs
  int64_t receptive_field = 1;
};

/// Returns the layers of a network for one image of this size, without the input.
std::vector<Layer> layers_of(const Graph& graph, int64_t height, int64_t width);

/// Returns the sums over all layers. `shape` and `receptive_field` are those of the last one.
Layer total_of(const std::vector<Layer>& layers);

}  // namespace unet
