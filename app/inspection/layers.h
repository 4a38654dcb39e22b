#pragma once

#include <string>
#include <vector>

#include "models/graph/costs.h"

namespace unet {

/// A line of `inspect`: one node of the graph with the norm, activation and dropout behind it. Sums are over these
/// nodes.
struct Layer {
  std::string name;       ///< of the first node: the dotted path of its module
  std::string operation;  ///< for people, e.g. "conv 3x3, batch norm, relu"
  ImageShape shape;       ///< of the output
  int64_t parameters = 0;
  int64_t multiply_adds = 0;
  int64_t values = 0;  ///< of all outputs
  int64_t receptive_field = 1;
};

/// Returns the layers of a network for one image of this size, without the input.
std::vector<Layer> layers_of(const Graph& graph, int64_t height, int64_t width);

/// Returns the sums over all layers. `shape` and `receptive_field` are those of the last one.
Layer total_of(const std::vector<Layer>& layers);

}  // namespace unet
