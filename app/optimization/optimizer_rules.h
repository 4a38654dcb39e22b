#pragma once

#include <torch/types.h>

#include <vector>

#include "app/checkpoint/safetensors.h"
#include "configs/schema/options.h"

namespace unet {

/// Arguments of one optimizer step.
struct UpdateArgs {
  int64_t step = 1;  ///< number of steps of these parameters, this one included
  double lr = 0;
  double weight_decay = 0;
  double gradient_factor = 1;  ///< factor applied to the gradients, for clipping by norm
};

/// Parameters that share their UpdateArgs: three lists of equal length. Values are float or double in any layout.
struct ParameterGroup {
  std::vector<torch::Tensor> values;
  std::vector<torch::Tensor> gradients;
  std::vector<TensorMap*> states;  ///< named tensors of the parameter's shape, created at the first step
};

/// Update rule of an optimizer, with its options. Each rule applies one fused kernel of optimizer_kernels.h.
class OptimizerRule : public Options {
 public:
  /// Takes one step in place, under NoGradGuard.
  virtual void update(const ParameterGroup& group, const UpdateArgs& args) const = 0;
};

/// sgd, rmsprop, adam and adamw as in torch.optim, and lion.
const Registry<OptimizerRule>& optimizer_rules();

}  // namespace unet
