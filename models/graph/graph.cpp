#include "models/graph/graph.h"

#include <functional>

#include "configs/schema/error.h"
#include "models/graph/operations/input_channels.h"

namespace unet {
namespace {

/// Returns the wanted nodes in order. A node for which `is_bypassed` is true is replaced by its first input.
Graph filtered(const Graph& graph, const std::vector<bool>& wanted,
               const std::function<bool(const Node&)>& is_bypassed) {
  Graph result;
  std::vector<Value> results(graph.nodes().size());  // by node of `graph`
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    if (!wanted[i]) continue;
    const Node& node = graph.nodes()[i];
    std::vector<Value> inputs;
    for (const Value& input : node.inputs) inputs.push_back(results.at(input.node));
    const Graph::Scope scope(result, node.part, node.block);
    results[i] = is_bypassed(node) ? inputs.front() : result.add(node.name, node.op, inputs);
  }
  for (const Value& value : graph.auxiliary())
    if (wanted[value.node]) result.add_auxiliary(results[value.node]);
  if (graph.wanted_padding()) result.want_padding(*graph.wanted_padding());
  return result;
}

}  // namespace

Graph::Scope::Scope(Graph& graph, std::string part, std::string block)
    : graph_(graph), outer_part_(std::move(graph.part_)), outer_block_(std::move(graph.block_)) {
  graph_.part_ = std::move(part);
  graph_.block_ = std::move(block);
}

Graph::Scope::~Scope() {
  graph_.part_ = std::move(outer_part_);
  graph_.block_ = std::move(outer_block_);
}

Value Graph::add(std::string name, Op operation, std::vector<Value> inputs) {
  std::vector<int64_t> input_channels;
  for (const Value& input : inputs) input_channels.push_back(channels(input));
  const InputChannels in(name, std::move(input_channels));
  const int64_t out = std::visit([&](const auto& o) { return o.output_channels(in); }, operation);
  nodes_.push_back({std::move(name), operation, std::move(inputs), out, part_, block_});
  return {nodes_.size() - 1};
}

std::vector<bool> needed_for_output(const Graph& graph) {
  std::vector<bool> needed(graph.nodes().size());
  needed.back() = true;
  for (size_t i = needed.size(); i-- > 0;)
    if (needed[i])
      for (const Value& input : graph.nodes()[i].inputs) needed[input.node] = true;
  return needed;
}

Graph without_auxiliary(const Graph& graph) {
  auto wanted = needed_for_output(graph);
  for (const Value& value : graph.auxiliary())
    if (wanted[value.node]) fail(ErrorKind::internal, "[graph] the output depends on an auxiliary output");
  return filtered(graph, wanted, [](const Node&) { return false; });
}

Graph without_padding(const Graph& graph) {
  if (!graph.auxiliary().empty())
    fail(ErrorKind::internal, "[graph] without_padding: remove the auxiliary outputs first");
  const std::vector<bool> all(graph.nodes().size(), true);
  Graph result = filtered(graph, all, [&](const Node& node) {
    const bool crops_to_image = std::holds_alternative<op::CropLike>(node.op) && node.inputs[1].node == 0;
    return crops_to_image || std::holds_alternative<op::Pad>(node.op);
  });
  for (const Node& node : graph.nodes())
    if (const auto* pad = std::get_if<op::Pad>(&node.op)) result.want_padding(*pad);
  return result;
}

}  // namespace unet
