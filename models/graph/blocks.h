#pragma once

#include <vector>

#include "models/graph/graph.h"

namespace unet {

/// Consecutive nodes [first, last) of a graph.
struct Block {
  size_t first = 0, last = 0;
  std::vector<Value> inputs;   ///< values of earlier nodes that it reads, each once
  std::vector<Value> outputs;  ///< values that later nodes read or that are outputs of the graph
};

/// Lists the blocks of a graph in order: the longest runs of nodes with the same Node::block.
std::vector<Block> blocks_of(const Graph& graph);

}  // namespace unet
