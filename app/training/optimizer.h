#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

#include "app/config/train_options.h"

namespace unet {

/// Applies train.optimizer to the parameters of a network and keeps the rule's state by parameter name. Each parameter
/// counts its own steps, which are those in which it has a gradient and is not frozen.
class Optimizer {
 public:
  /// `options` must outlive the optimizer.
  Optimizer(const TrainOptions& options, const torch::nn::Module& network);

  void zero_grad();

  /// Euclidean norm over the gradients of all parameters.
  double gradient_norm() const;

  /// Names of the parameters whose gradient is not finite.
  std::vector<std::string> not_finite() const;

  /// Multiplies all gradients by `factor`.
  void scale_gradients(double factor);

  /// Clamps every value of the gradients to [-limit, limit]. Source: torch.nn.utils.clip_grad_value_.
  void clamp_gradients(double limit);

  /// Updates every parameter that has a gradient. `lr` is multiplied by the factor of the parameter's part, gradients
  /// by `gradient_factor`.
  void step(double lr, double gradient_factor = 1);

  /// "PARAMETER/STATE" -> tensor, and "PARAMETER/step" -> number of its steps.
  TensorMap state() const;

  /// `steps`: steps of every parameter in a checkpoint of version 1, which does not count them. Throws Error(data) for
  /// a state that belongs to no parameter or has another shape.
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

  std::vector<torch::Tensor> gradients() const;  ///< of the parameters that have one
  Parameter& parameter_of(const std::string& key, const torch::Tensor& tensor);

  const OptimizerRule& rule_;
  std::vector<Parameter> parameters_;
};

}  // namespace unet
