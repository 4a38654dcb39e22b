#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <memory>
#include <vector>

#include "models/activation_checkpoint.h"
#include "models/graph_blocks.h"

namespace unet {

/// Eager execution of a graph: owns a LibTorch module for each node with parameters, registered under
/// the node's name, and runs the nodes in order.
class NetworkImpl : public torch::nn::Module {
 public:
  explicit NetworkImpl(Graph graph);

  /// images (N,C,H,W) float -> logits, in the precision that autocast leaves them in.
  torch::Tensor forward(const torch::Tensor& images);

  /// Whether, in training, activations inside a block are not kept but computed again in the backward pass (see
  /// `checkpointed`); of every block but the last, which the backward pass needs when memory is fullest anyway.
  void checkpoint_activations(bool on);

  const Graph& graph() const { return graph_; }

 private:
  void register_at(const std::string& path, std::shared_ptr<torch::nn::Module> module);
  void run_nodes(size_t first, size_t last, std::vector<torch::Tensor>& values, Pass pass);
  void run_checkpointed(const Block& block, std::vector<torch::Tensor>& values);
  Segment segment_of(const Block& block);

  Graph graph_;
  std::vector<Block> checkpointed_;                          ///< those whose activations are not kept
  std::vector<std::shared_ptr<torch::nn::Module>> modules_;  ///< by node; null without parameters
  std::vector<size_t> last_use_;                             ///< by node: the last node that reads it
};
TORCH_MODULE(Network);

/// Fills all parameters. Convolutions: normal with variance 2 / fan-in (He et al. 2015,
/// arXiv:1502.01852, as the U-Net was published), where the fan-in of a transposed convolution is the
/// number of input values that reach one output value; biases 0; norms 1 and 0. The same seed gives the same values.
void initialise(NetworkImpl& network, uint64_t seed);

}  // namespace unet
