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
  bool is_hidden = true;           ///< weights of convolutions between the first one and the heads
};

/// Returns the named state of every parameter, created as zeros where missing.
std::vector<torch::Tensor> states_of(const ParameterGroup& group, const char* name);

/// Takes a step of Adam, with weight decay in the gradient (Kingma & Ba 2014, arXiv:1412.6980) or decoupled from it
/// (AdamW, Loshchilov & Hutter 2017, arXiv:1711.05101).
void update_by_adam(const ParameterGroup& group, const UpdateArgs& args, const std::vector<double>& betas, double eps,
                    bool decoupled);

/// Update rule of an optimizer, with its options. Rules for single values apply one fused kernel of
/// optimizer_kernels.h.
class OptimizerRule : public Options {
 public:
  /// Takes one step in place, under NoGradGuard.
  virtual void update(const ParameterGroup& group, const UpdateArgs& args) const = 0;

  /// Whether hidden weights need a group of their own.
  virtual bool distinguishes_hidden() const { return false; }
};

/// sgd, rmsprop, adam and adamw as in torch.optim, lion and muon.
const Registry<OptimizerRule>& optimizer_rules();

}  // namespace unet
