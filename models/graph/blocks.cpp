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

/// Returns the nodes [first, last) with the values that enter and leave them.
Block block_of(const Graph& graph, size_t first, size_t last) {
  const auto& nodes = graph.nodes();
  std::set<size_t> inputs, outputs;
  for (const Value& value : graph.auxiliary())
    if (value.node >= first && value.node < last) outputs.insert(value.node);
  for (size_t i = first; i < nodes.size(); ++i)
    for (const Value& input : nodes[i].inputs) {
      if (i < last && input.node < first) inputs.insert(input.node);
      if (i >= last && input.node >= first && input.node < last) outputs.insert(input.node);
    }
  if (last == nodes.size()) outputs.insert(last - 1);
  return {first, last, values_of(inputs), values_of(outputs)};
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
