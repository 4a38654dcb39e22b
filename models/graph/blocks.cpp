#include "models/graph/blocks.h"

#include <set>

namespace unet {
namespace {

std::vector<Value> values_of(const std::set<size_t>& nodes) {
  std::vector<Value> values;
  values.reserve(nodes.size());
  for (const size_t node : nodes) values.push_back({node});
  return values;
}

/// Nodes [first, last) with the values that cross their border.
Block block_of(const Graph& graph, size_t first, size_t last) {
  const auto& nodes = graph.nodes();
  std::set<size_t> reads, gives;
  for (const Value& value : graph.auxiliary())
    if (value.node >= first && value.node < last) gives.insert(value.node);
  for (size_t i = first; i < nodes.size(); ++i)
    for (const Value& input : nodes[i].inputs) {
      if (i < last && input.node < first) reads.insert(input.node);
      if (i >= last && input.node >= first && input.node < last) gives.insert(input.node);
    }
  if (last == nodes.size()) gives.insert(last - 1);
  return {first, last, values_of(reads), values_of(gives)};
}

}  // namespace

std::vector<Block> blocks_of(const Graph& graph) {
  const auto& nodes = graph.nodes();
  std::vector<Block> blocks;
  for (size_t first = 0, last = 0; first < nodes.size(); first = last) {
    const std::string& name = nodes[first].block;
    while (last < nodes.size() && nodes[last].block == name) ++last;
    if (!name.empty()) blocks.push_back(block_of(graph, first, last));
  }
  return blocks;
}

}  // namespace unet
