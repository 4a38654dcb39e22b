#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "models/graph/blocks.h"
#include "models/kernels/kernel_choice.h"
#include "models/recompute/activation_checkpoint.h"

namespace unet {

/// Consecutive nodes that run as one operation.
struct FusedRegion {
  size_t last = 0;  ///< one past its last node
  /// `inputs` are the values of other nodes that its nodes read, in order.
  std::function<torch::Tensor(const std::vector<torch::Tensor>& inputs, Pass pass)> run;
};

/// Fused regions by their first node. Nodes outside of them run one by one.
using ExecutionPlan = std::map<size_t, FusedRegion>;

/// Runs a graph eagerly: owns a LibTorch module for each node with parameters, registered under the node's name, and
/// runs the nodes in order.
class NetworkImpl : public torch::nn::Module {
 public:
  explicit NetworkImpl(Graph graph);

  /// images (N,C,H,W) float -> logits, in the type that autocast leaves them in.
  torch::Tensor forward(const torch::Tensor& images);

  /// Does the same with the fused regions of `plan`.
  torch::Tensor forward(const torch::Tensor& images, const ExecutionPlan& plan);

  /// Returns the logits, then the graph's auxiliary outputs.
  std::vector<torch::Tensor> forward_all(const torch::Tensor& images);

  /// Returns the value of a node, computed from `given`: values of other nodes, by node. Runs only the nodes in
  /// between.
  torch::Tensor value_of(size_t node, const std::map<size_t, torch::Tensor>& given);

  /// The module that owns a node's parameters and buffers; null if it has none.
  torch::nn::Module* module_of(size_t node) const { return modules_.at(node).get(); }

  /// Chooses the kernels of training (see `training_plan`); the default is fused. A plan passed to `forward` is used in
  /// any case.
  void use_kernels(KernelChoice kernels) { kernels_ = kernels; }
  KernelChoice kernels() const { return kernels_; }

  /// Turns activation checkpointing on or off: the backward pass recomputes the activations inside a block (see
  /// `checkpointed`). The last block of the decoder keeps its activations, because the backward pass reaches it first,
  /// when memory use peaks.
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
  std::vector<Block> checkpointed_;                          ///< blocks whose activations are recomputed
  std::vector<std::shared_ptr<torch::nn::Module>> modules_;  ///< by node; null without parameters
  std::vector<size_t> last_use_;                             ///< by node: the last node that reads it
  std::vector<bool> needed_;                                 ///< by node: whether the output depends on it
  std::vector<bool> all_;                                    ///< by node: true
  ExecutionPlan training_plan_;
  KernelChoice kernels_ = KernelChoice::fused;
};
TORCH_MODULE(Network);

/// Initializes all parameters. Convolutions: normal with variance 2 / fan-in (He et al. 2015, arXiv:1502.01852, as in
/// the U-Net paper); the fan-in of a transposed convolution is the number of input values that reach one output value.
/// Biases are 0, norms have weight 1 and bias 0, PReLU has slope 0.25. A convolution before a pixel shuffle gives equal
/// values to the pixels of a square (ICNR: Aitken et al. 2017, arXiv:1707.02937). The same seed gives the same values.
void initialize(NetworkImpl& network, uint64_t seed);

}  // namespace unet
