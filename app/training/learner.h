#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/checkpoint/checkpoint.h"
#include "app/config/config.h"
#include "app/runtime/execution.h"
#include "app/training/averaged_weights.h"
#include "app/training/optimizer.h"
#include "app/training/step_graph.h"
#include "app/training/tensor_copies.h"
#include "models/losses/loss.h"

namespace unet {

/// A network with all that changes it in a step: loss, gradients, optimizer, averaged weights. A step is `begin_step`,
/// `add_gradients` for each micro-batch, `clip_gradients` and `update`.
class Learner {
 public:
  /// `config` must outlive the learner; its model.num_classes is set. Fresh weights, drawn from train.seed.
  Learner(const Config& config, const std::vector<double>& class_share, int64_t in_channels,
          const Execution& execution);

  /// Freezes what train.freeze names while `epoch` epochs are done, and nothing else. Wanted before each step, and
  /// after a validation, which leaves the whole network in training mode.
  void freeze_for(int64_t epoch);

  /// The losses of the step are multiplied by `loss_scale` (see LossScaler); `clip_gradients` takes it out again.
  void begin_step(double loss_scale = 1);

  /// Back to where the step began: gradients and buffers (the statistics of BatchNorm) as `begin_step` left them.
  void abandon_step();

  /// images (N,C,H,W) float, labels (N,H,W) int64, of a step of `parts` such parts: returns its share of the step's
  /// loss, a scalar on the device, and adds its gradients. On CUDA nothing waits for the device, and batches of one
  /// kind run as a CUDA graph.
  torch::Tensor add_gradients(const torch::Tensor& images, const torch::Tensor& labels, double parts);

  /// Gives back memory that only training needs, before something else wants it.
  void rest();

  // What `add_gradients` does, one after another: the logits and those of auxiliary outputs; the loss; the gradients.
  std::vector<torch::Tensor> forward(const torch::Tensor& images);
  torch::Tensor loss(const std::vector<torch::Tensor>& logits, const torch::Tensor& labels) const;
  void backward(const torch::Tensor& loss) const;

  /// The norm of all gradients. Where it is finite, clips them: by train.clip_grad_value, and what that leaves to the
  /// norm train.clip_grad_norm, so that the step keeps both. For the latter `update` takes them `gradient_factor`
  /// times.
  double clip_gradients();
  double gradient_factor() const { return gradient_factor_; }

  /// Moves the weights, and their averages by `average_decay` (see AveragedWeights).
  void update(double lr, double average_decay);

  NetworkImpl& network() { return *network_; }
  Network shared_network() { return network_; }
  Optimizer& optimizer() { return optimizer_; }
  const StepGraph* graph() const { return graph_ ? &*graph_ : nullptr; }  ///< null where steps are not recorded
  AveragedWeights* averaged() { return averaged_.get(); }                 ///< null where neither EMA nor SWA is on

 private:
  const Config& config_;
  Execution execution_;
  LossContext loss_context_;
  Network network_;
  Optimizer optimizer_;
  std::unique_ptr<AveragedWeights> averaged_;
  std::optional<StepGraph> graph_;  ///< where graphs are possible
  std::vector<std::string> frozen_;
  TensorCopies buffers_;  ///< as the step began
  double loss_scale_ = 1;
  double gradient_factor_ = 1;
};

}  // namespace unet
