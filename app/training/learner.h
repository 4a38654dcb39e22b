#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/checkpoint/checkpoint.h"
#include "app/config/config.h"
#include "app/runtime/execution.h"
#include "app/training/averaged_weights.h"
#include "app/training/optimizer.h"
#include "app/training/step_batches.h"
#include "app/training/step_graph.h"
#include "app/training/tensor_copies.h"
#include "models/losses/loss.h"

namespace unet {

/// Phases of an optimizer step, in their order. On CUDA `gradients` stands for forward pass, loss and backward pass,
/// which may run as one graph.
enum class StepPhase { begin, forward, loss, backward, gradients, clip, update };

/// Called when a phase has ended.
using PhaseObserver = std::function<void(StepPhase)>;

/// Arguments of an optimizer step.
struct StepArgs {
  double lr = 0;
  double average_decay = 0;                         ///< decay of the averaged weights (see AveragedWeights)
  double loss_scale = 1;                            ///< see LossScaler
  int64_t parts = 1;                                ///< number of parts into which each micro-batch is split
  std::function<uint64_t(int64_t)> seed = nullptr;  ///< seed of LibTorch's generator by index of the micro-batch
  PhaseObserver observer = nullptr;
};

/// Result of an optimizer step.
struct StepResult {
  double loss = 0;    ///< loss of the step, averaged over all its images and labels
  double norm = 0;    ///< gradient norm before clipping
  std::string fault;  ///< which loss or gradient is not finite, and the image files; "" if the weights were updated
};

/// A network and everything that changes it in an optimizer step: loss, gradients, optimizer, averaged weights.
class Learner {
 public:
  /// `config` must outlive the learner and have model.num_classes set. The weights are drawn from train.seed.
  Learner(const Config& config, const std::vector<double>& class_share, int64_t in_channels,
          const Execution& execution);

  /// Freezes the parts that train.freeze names during this epoch, and unfreezes all others. Needed before each step,
  /// and after a validation, which leaves the whole network in training mode.
  void freeze_for(int64_t epoch);

  /// Computes the gradients of all micro-batches, clips them and updates the weights. If the loss or the gradient is
  /// not finite, rolls the step back and returns the fault.
  StepResult step(const StepBatches& batches, const StepArgs& args);

  /// Restores gradients and buffers (BatchNorm statistics) to their state before the step; needed after `step` threw.
  void rollback_step();

  /// Frees the recorded CUDA graph, whose memory only training needs.
  void release_graph();

  // The phases of `step`.

  /// Clears the gradients. Losses are multiplied by `loss_scale` until `clip_gradients` divides the gradients by it.
  void begin_step(double loss_scale = 1);

  /// Adds the gradients of images (N,C,H,W) float. Returns their share of the step's loss, a scalar on the device. On
  /// CUDA nothing waits for the device, and batches of equal shape run as a CUDA graph.
  torch::Tensor add_gradients(const torch::Tensor& images, const Target& target, const StepNormalizer& normalizer = {},
                              const PhaseObserver& observer = nullptr);

  /// Returns the norm of all gradients before clipping. If it is finite, clips by train.clip_grad_value, then by
  /// train.clip_grad_norm; `update` applies the latter as `gradient_factor`.
  double clip_gradients();
  double gradient_factor() const { return gradient_factor_; }

  /// Updates the weights and their averages.
  void update(double lr, double average_decay);

  NetworkImpl& network() { return *network_; }
  Network shared_network() { return network_; }
  Optimizer& optimizer() { return optimizer_; }
  const StepGraph* graph() const { return graph_ ? &*graph_ : nullptr; }  ///< null if steps are not recorded
  AveragedWeights* averaged() { return averaged_.get(); }                 ///< null if neither EMA nor SWA is on

 private:
  StepNormalizer step_normalizer(const StepBatches& batches, int64_t parts) const;
  std::vector<torch::Tensor> forward(const torch::Tensor& images);
  torch::Tensor loss(const std::vector<torch::Tensor>& logits, const Target& target,
                     const StepNormalizer& normalizer) const;
  std::string fault(const StepBatches& batches, const std::vector<double>& losses, double norm) const;

  const Config& config_;
  Execution execution_;
  LossContext loss_context_;
  Network network_;
  Optimizer optimizer_;
  std::unique_ptr<AveragedWeights> averaged_;
  std::optional<StepGraph> graph_;  ///< set if CUDA graphs are possible
  std::vector<std::string> frozen_;
  TensorCopies buffers_;  ///< buffers of the network at the beginning of the step
  double loss_scale_ = 1;
  double gradient_factor_ = 1;
};

}  // namespace unet
