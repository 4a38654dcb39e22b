#include "models/execution/fusion.h"

#include <algorithm>

namespace unet {
namespace {

class Fusions {
 public:
  explicit Fusions(const Graph& graph) : nodes_(graph.nodes()), feeds_next_(nodes_.size()) {
    for (const Node& node : nodes_) roles_.push_back(traits_of(node.op).fusion);
    std::vector<int64_t> readers(nodes_.size());
    for (const Node& node : nodes_)
      for (const Value& input : node.inputs) ++readers[input.node];
    for (const Value& value : graph.auxiliary()) ++readers[value.node];
    for (size_t i = 0; i + 1 < nodes_.size(); ++i) {
      const auto& inputs = nodes_[i + 1].inputs;
      feeds_next_[i] = readers[i] == 1 &&
                       std::any_of(inputs.begin(), inputs.end(), [&](const Value& input) { return input.node == i; });
    }
  }

  size_t size() const { return nodes_.size(); }

  bool is(size_t node, FusionRole role) const { return roles_[node] == role; }

  bool norm_relu(size_t node) const { return is(node, FusionRole::batch_norm) && feeds(node, FusionRole::relu); }

  bool upsample_concatenate(size_t node) const {
    return is(node, FusionRole::transposed_convolution) && feeds(node, FusionRole::concatenation) &&
           nodes_[node + 1].inputs.size() == 2 && nodes_[node + 1].inputs[1].node == node;
  }

  /// Returns the end of a region: a convolution with the batch norm and ReLU that follow it.
  size_t end_of_convolution(size_t node) const {
    if (feeds(node, FusionRole::batch_norm)) ++node;
    if (feeds(node, FusionRole::relu)) ++node;
    return node + 1;
  }

 private:
  /// Whether the next node has this role and is the only one that reads `node`.
  bool feeds(size_t node, FusionRole role) const { return feeds_next_[node] && is(node + 1, role); }

  const std::vector<Node>& nodes_;
  std::vector<FusionRole> roles_;  ///< by node
  std::vector<bool> feeds_next_;   ///< by node: whether the next node, and no other, reads it
};

}  // namespace

std::vector<Fusion> training_fusions(const Graph& graph) {
  const Fusions nodes(graph);
  std::vector<Fusion> found;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes.norm_relu(i)) found.push_back({Fusion::Kind::norm_relu, i, i + 2});
    if (nodes.upsample_concatenate(i)) found.push_back({Fusion::Kind::upsample_concatenate, i, i + 2});
  }
  return found;
}

std::vector<Fusion> inference_fusions(const Graph& graph) {
  const Fusions nodes(graph);
  std::vector<Fusion> found;
  for (size_t i = 0; i < nodes.size(); ++i)
    if (nodes.is(i, FusionRole::convolution))
      found.push_back({Fusion::Kind::convolution, i, nodes.end_of_convolution(i)});
    else if (nodes.upsample_concatenate(i))
      found.push_back({Fusion::Kind::upsample_concatenate, i, i + 2});
    else if (nodes.is(i, FusionRole::transposed_convolution))
      found.push_back({Fusion::Kind::upsample, i, i + 1});
  return found;
}

}  // namespace unet
