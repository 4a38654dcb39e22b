#pragma once

#include <torch/types.h>

#include "app/checkpoint/safetensors.h"
#include "configs/schema/options.h"

namespace unet {

/// How one parameter moves, with the options of the rule. All state is in the map that is passed: named tensors
/// with the parameter's shape, made at the first step.
class OptimizerRule : public Options {
 public:
  /// One step in place, under NoGradGuard. `step` counts from 1.
  virtual void update(torch::Tensor& parameter, const torch::Tensor& gradient, TensorMap& state, int64_t step,
                      double lr, double weight_decay) const = 0;
};

/// sgd, rmsprop, adam, adamw, each as torch.optim has it, and lion.
const Registry<OptimizerRule>& optimizer_rules();

}  // namespace unet
