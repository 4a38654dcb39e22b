#include "models/execution/fusion.h"

#include <algorithm>

namespace unet {
namespace {

class Fusions {
 public:
  explicit Fusions(const Graph& graph) : nodes_(graph.nodes()), feeds_next_(nodes_.size()) {
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

  template <class Operation>
  bool is(size_t node) const {
    return node < nodes_.size() && std::holds_alternative<Operation>(nodes_[node].op);
  }

  bool is_batch_norm(size_t node) const {
    return is<op::Norm>(node) && std::get<op::Norm>(nodes_[node].op).kind == op::NormKind::batch;
  }

  bool is_relu(size_t node) const {
    return is<op::Activation>(node) && std::get<op::Activation>(nodes_[node].op).kind == op::ActivationKind::relu;
  }

  bool norm_relu(size_t node) const { return is_batch_norm(node) && feeds_next_[node] && is_relu(node + 1); }

  bool upsample_concatenate(size_t node) const {
    return is<op::ConvTranspose2d>(node) && feeds_next_[node] && is<op::Concatenate>(node + 1) &&
           nodes_[node + 1].inputs.size() == 2 && nodes_[node + 1].inputs[1].node == node;
  }

  /// The end of a convolution with what can go into it.
  size_t end_of_convolution(size_t node) const {
    if (feeds_next_[node] && is_batch_norm(node + 1)) ++node;
    if (feeds_next_[node] && is_relu(node + 1)) ++node;
    return node + 1;
  }

 private:
  const std::vector<Node>& nodes_;
  std::vector<bool> feeds_next_;  ///< by node: whether the next one reads it, and nothing else does
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
    if (nodes.is<op::Conv2d>(i))
      found.push_back({Fusion::Kind::convolution, i, nodes.end_of_convolution(i)});
    else if (nodes.upsample_concatenate(i))
      found.push_back({Fusion::Kind::upsample_concatenate, i, i + 2});
    else if (nodes.is<op::ConvTranspose2d>(i))
      found.push_back({Fusion::Kind::upsample, i, i + 1});
  return found;
}

}  // namespace unet
