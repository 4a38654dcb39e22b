#pragma once

#include <vector>

#include "models/graph/graph.h"

namespace unet {

/// Nodes [first, last) of a graph, which follow one another.
struct Block {
  size_t first = 0, last = 0;
  std::vector<Value> reads;  ///< results of nodes before it, each once
  std::vector<Value> gives;  ///< its results that nodes after it read, or that the graph gives
};

/// The blocks of a graph in their order: the longest runs of nodes whose names begin alike, as "encoder.0." or
/// "bottleneck." A name of one part, as "head", belongs to no block.
std::vector<Block> blocks_of(const Graph& graph);

}  // namespace unet
