#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/checkpoint/checkpoint.h"
#include "app/config.h"
#include "app/inference/execution.h"
#include "app/training/ema.h"
#include "app/training/optimizer.h"
#include "models/losses/loss.h"

namespace unet {

/// A network with all that changes it in a step: loss, gradients, optimizer, averaged weights. A step is `begin_step`,
/// `add_gradients` for each micro-batch, `clip_gradients` and `update`.
class Learner {
 public:
  /// `config` must outlive the learner; its model.num_classes is set. Fresh weights, drawn from train.seed.
  Learner(const Config& config, const std::vector<double>& class_share, int64_t in_channels,
          const Execution& execution);

  void begin_step() { optimizer_.zero_grad(); }

  /// images (N,C,H,W) float, labels (N,H,W) int64, one of `micro_batches` of a step: returns its part of the step's
  /// loss and adds its gradients. A loss that is not finite leaves the gradients as they were.
  double add_gradients(const torch::Tensor& images, const torch::Tensor& labels, int64_t micro_batches);

  /// The norm of all gradients; clips them to train.clip_grad_norm where it is finite.
  double clip_gradients();

  /// Moves the weights; steps count from 1.
  void update(int64_t step, double lr);

  NetworkImpl& network() { return *network_; }
  Network shared_network() { return network_; }
  Optimizer& optimizer() { return optimizer_; }
  Ema* ema() { return ema_.get(); }  ///< null where EMA is off

 private:
  const Config& config_;
  Execution execution_;
  LossContext loss_context_;
  Network network_;
  Optimizer optimizer_;
  std::unique_ptr<Ema> ema_;
};

}  // namespace unet
