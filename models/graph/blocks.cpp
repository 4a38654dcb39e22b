#include "models/graph/blocks.h"

#include <set>

namespace unet {
namespace {

/// "encoder.0" of "encoder.0.conv1", "encoder.layer1" of "encoder.layer1.0.conv1", "bottleneck" of "bottleneck.conv1",
/// "" of "head".
std::string block_name(const Node& node) {
  const size_t dot = node.name.find('.');
  if (dot == std::string::npos) return "";
  const std::string part = node.name.substr(0, dot), rest = node.name.substr(dot + 1);
  const bool has_levels = (rest[0] >= '0' && rest[0] <= '9') || rest.rfind("layer", 0) == 0;
  return has_levels ? part + "." + rest.substr(0, rest.find('.')) : part;
}

std::vector<Value> values_of(const std::set<size_t>& nodes) {
  std::vector<Value> values;
  values.reserve(nodes.size());
  for (const size_t node : nodes) values.push_back({node});
  return values;
}

/// What crosses the border of nodes [first, last).
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
    const std::string name = block_name(nodes[first]);
    while (last < nodes.size() && block_name(nodes[last]) == name) ++last;
    if (!name.empty()) blocks.push_back(block_of(graph, first, last));
  }
  return blocks;
}

}  // namespace unet
