#pragma once

#include <torch/types.h>

#include <vector>

#include "app/checkpoint/safetensors.h"
#include "configs/schema/options.h"

namespace unet {

/// What a step has beside the gradients.
struct RuleStep {
  int64_t number = 1;  ///< of the parameters' steps, from 1
  double lr = 0;
  double weight_decay = 0;
  double gradient_factor = 1;  ///< gradients are multiplied by it
  bool in_one_pass = true;     ///< over memory where that can be, or by LibTorch's operations, which give the same
};

/// Parameters that make the same step, and what else each of them has; three lists of one length.
struct MovedParameters {
  std::vector<torch::Tensor> values;
  std::vector<torch::Tensor> gradients;
  std::vector<TensorMap*> states;  ///< named tensors of the parameter's shape, made at the first step
};

/// How parameters move, with the options of the rule.
class OptimizerRule : public Options {
 public:
  /// One step in place, under NoGradGuard. LibTorch's operations take all parameters at once, which on CUDA starts few
  /// kernels instead of some for each parameter.
  virtual void update(const MovedParameters& moved, const RuleStep& step) const = 0;
};

/// sgd, rmsprop, adam, adamw, each as torch.optim has it, and lion.
const Registry<OptimizerRule>& optimizer_rules();

}  // namespace unet
