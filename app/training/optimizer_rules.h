#pragma once

#include <torch/types.h>

#include "app/checkpoint/safetensors.h"
#include "configs/schema/options.h"

namespace unet {

/// What a step has beside the gradient.
struct RuleStep {
  int64_t number = 1;  ///< of the parameter's steps, from 1
  double lr = 0;
  double weight_decay = 0;
  double gradient_factor = 1;  ///< the gradient is multiplied by it
  bool in_one_pass = true;     ///< over memory where that can be, or by LibTorch's operations, which give the same
};

/// How one parameter moves, with the options of the rule. All state is in the map that is passed: named tensors
/// with the parameter's shape, made at the first step.
class OptimizerRule : public Options {
 public:
  /// One step in place, under NoGradGuard.
  virtual void update(torch::Tensor& parameter, const torch::Tensor& gradient, TensorMap& state,
                      const RuleStep& step) const = 0;
};

/// sgd, rmsprop, adam, adamw, each as torch.optim has it, and lion.
const Registry<OptimizerRule>& optimizer_rules();

}  // namespace unet
