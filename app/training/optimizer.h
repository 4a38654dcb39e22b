#pragma once

#include <string>
#include <vector>

#include "app/config/train_options.h"

namespace unet {

/// Applies train.optimizer to the parameters of a network and keeps the rule's state by parameter name. Each parameter
/// counts its own steps: those without a gradient, as when it is frozen, are none of its own.
class Optimizer {
 public:
  /// `options` must outlive the optimizer.
  Optimizer(const TrainOptions& options, const torch::nn::Module& network);

  void zero_grad();

  /// The Euclidean norm over the gradients of all parameters.
  double gradient_norm() const;

  /// Names of the parameters whose gradient is not finite.
  std::vector<std::string> not_finite() const;

  /// Multiplies all gradients by `factor`.
  void scale_gradients(double factor);

  /// Brings every value of the gradients between -most and most. Source: torch.nn.utils.clip_grad_value_.
  void clamp_gradients(double most);

  /// Moves every parameter that has a gradient; `lr` before the factors of the parts. Gradients count
  /// `gradient_factor` times what they are.
  void step(double lr, double gradient_factor = 1);

  /// "PARAMETER/STATE" -> tensor; "PARAMETER/step" counts.
  TensorMap state() const;

  /// `steps`: what a state of an earlier program, which has no counts, has behind it. Throws Error(data) for a state
  /// that belongs to no parameter or has another shape.
  void load_state(const TensorMap& state, int64_t steps);

 private:
  struct Parameter {
    std::string name;
    torch::Tensor tensor;
    double lr_factor;
    double weight_decay;
    int64_t steps = 0;
    TensorMap state = {};
  };

  /// Of the parameters that have one.
  std::vector<torch::Tensor> gradients() const;
  Parameter& parameter_of(const std::string& key, const torch::Tensor& tensor);

  const OptimizerRule& rule_;
  bool fast_;
  std::vector<Parameter> parameters_;
};

}  // namespace unet
