#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "models/graph/blocks.h"
#include "models/recompute/activation_checkpoint.h"

namespace unet {

/// Neighbouring nodes that run as one operation: up to `last`, which is the first that is none of them.
struct FusedRegion {
  size_t last = 0;
  /// `inputs`: what they read of other nodes, in their order.
  std::function<torch::Tensor(const std::vector<torch::Tensor>& inputs, Pass pass)> run;
};

/// By their first node.
using ExecutionPlan = std::map<size_t, FusedRegion>;

/// Eager execution of a graph: owns a LibTorch module for each node with parameters, registered under
/// the node's name, and runs the nodes in order.
class NetworkImpl : public torch::nn::Module {
 public:
  explicit NetworkImpl(Graph graph);

  /// images (N,C,H,W) float -> logits, in the precision that autocast leaves them in.
  torch::Tensor forward(const torch::Tensor& images);

  /// The same, where `plan` run in place of their nodes.
  torch::Tensor forward(const torch::Tensor& images, const ExecutionPlan& plan);

  /// The logits, then the graph's auxiliary outputs.
  std::vector<torch::Tensor> forward_all(const torch::Tensor& images);

  /// What a node gives where the nodes in `given` give these values; nodes that it does not depend on are not run.
  torch::Tensor value_of(size_t node, const std::map<size_t, torch::Tensor>& given);

  /// The module that owns a node's parameters and buffers; null where it has none.
  torch::nn::Module* module_of(size_t node) const { return modules_.at(node).get(); }

  /// Whether our own kernels run, in training, where they fit (see `training_plan`), or LibTorch's alone. At first
  /// they do.
  void use_fast_paths(bool on);
  bool uses_fast_paths() const { return fast_; }

  /// Whether, in training, activations inside a block are not kept but computed again in the backward pass (see
  /// `checkpointed`); of every block but the last of the decoder, which the backward pass needs when memory is fullest
  /// anyway.
  void checkpoint_activations(bool on);

  const Graph& graph() const { return graph_; }

 private:
  void register_at(const std::string& path, std::shared_ptr<torch::nn::Module> module);
  void run_all(std::vector<torch::Tensor>& values, const std::vector<bool>& wanted, const ExecutionPlan& plan);
  void run_nodes(size_t first, size_t last, const std::vector<bool>& wanted, const ExecutionPlan& plan,
                 std::vector<torch::Tensor>& values, Pass pass);
  const ExecutionPlan& plan() const;
  void run_checkpointed(const Block& block, std::vector<torch::Tensor>& values);
  Segment segment_of(const Block& block);

  Graph graph_;
  std::vector<Block> checkpointed_;                          ///< those whose activations are not kept
  std::vector<std::shared_ptr<torch::nn::Module>> modules_;  ///< by node; null without parameters
  std::vector<size_t> last_use_;                             ///< by node: the last node that reads it
  std::vector<bool> needed_;                                 ///< by node: for the output
  std::vector<bool> all_;                                    ///< by node: true
  ExecutionPlan training_plan_;
  bool fast_ = true;
};
TORCH_MODULE(Network);

/// Fills all parameters. Convolutions: normal with variance 2 / fan-in (He et al. 2015,
/// arXiv:1502.01852, as the U-Net was published), where the fan-in of a transposed convolution is the
/// number of input values that reach one output value; biases 0; norms 1 and 0; slopes of PReLU 0.25. A convolution
/// before a pixel shuffle gives equal values to the pixels of a square (ICNR: Aitken et al. 2017, arXiv:1707.02937).
/// The same seed gives the same values.
void initialize(NetworkImpl& network, uint64_t seed);

}  // namespace unet
