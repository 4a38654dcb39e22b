#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/training/optimizer_rules.h"

namespace unet {

/// Applies one rule to the parameters of a network and keeps the rule's state by parameter name.
class Optimizer {
 public:
  Optimizer(const OptimizerRule& rule, const torch::nn::Module& network);

  void zero_grad();

  /// The Euclidean norm over the gradients of all parameters.
  double gradient_norm() const;

  /// Names of the parameters whose gradient is not finite.
  std::vector<std::string> not_finite() const;

  /// Multiplies all gradients by `factor`.
  void scale_gradients(double factor);

  /// One step; `step` counts from 1.
  void step(int64_t step, double lr, double weight_decay);

  /// "PARAMETER/STATE" -> tensor.
  TensorMap state() const;

  /// Throws Error(data) for a state that belongs to no parameter or has another shape.
  void load_state(const TensorMap& state);

 private:
  const OptimizerRule& rule_;
  std::vector<std::pair<std::string, torch::Tensor>> parameters_;
  std::map<std::string, TensorMap> state_;
};

}  // namespace unet
