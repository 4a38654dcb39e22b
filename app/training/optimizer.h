#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

#include "app/config/train_options.h"

namespace unet {

/// Applies train.optimizer to the parameters of a network and keeps the rule's state by parameter name. Each parameter
/// counts its own steps, because it takes none while it is frozen.
class Optimizer {
 public:
  /// `options` must outlive the optimizer.
  Optimizer(const TrainOptions& options, const torch::nn::Module& network);

  void zero_grad();

  /// Euclidean norm over the gradients of all parameters.
  double gradient_norm() const;

  /// Names of the parameters whose gradient is not finite.
  std::vector<std::string> nonfinite_gradients() const;

  /// Multiplies all gradients by `factor`.
  void scale_gradients(double factor);

  /// Clamps every value of the gradients to [-limit, limit]. Source: torch.nn.utils.clip_grad_value_.
  void clamp_gradients(double limit);

  /// Updates every parameter that has a gradient. `lr` is multiplied by the factor of the parameter's part, gradients
  /// by `gradient_factor`.
  void step(double lr, double gradient_factor = 1);

  /// Returns the state: "PARAMETER/STATE" -> tensor, and "PARAMETER/step" -> number of its steps.
  TensorMap state() const;

  /// Restores the state. `steps` is the number of steps of every parameter if the state does not count them, as in a
  /// checkpoint of version 1. Throws Error(data) for a state that belongs to no parameter or has another shape.
  void load_state(const TensorMap& state, int64_t steps);

 private:
  struct Parameter {
    std::string name;
    torch::Tensor tensor;
    double lr_factor;
    double weight_decay;
    bool is_hidden;  ///< see ParameterGroup; false for rules that do not distinguish them
    int64_t steps = 0;
    TensorMap state = {};
  };

  std::vector<torch::Tensor> gradients() const;  ///< those that are defined
  Parameter& find_parameter(const std::string& key, const torch::Tensor& tensor);

  const OptimizerRule& rule_;
  std::vector<Parameter> parameters_;
};

}  // namespace unet
