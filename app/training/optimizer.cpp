#include "app/training/optimizer.h"

#include <torch/torch.h>

#include "configs/schema/error.h"

namespace unet {

Optimizer::Optimizer(const OptimizerRule& rule, const torch::nn::Module& network) : rule_(rule) {
  for (const auto& item : network.named_parameters()) parameters_.emplace_back(item.key(), item.value());
}

void Optimizer::zero_grad() {
  for (auto& [name, parameter] : parameters_) parameter.mutable_grad().reset();
}

double Optimizer::gradient_norm() const {
  std::vector<torch::Tensor> norms;
  for (const auto& [name, parameter] : parameters_)
    if (parameter.grad().defined()) norms.push_back(parameter.grad().norm());
  return norms.empty() ? 0 : torch::stack(norms).norm().item<double>();
}

std::vector<std::string> Optimizer::not_finite() const {
  std::vector<std::string> names;
  for (const auto& [name, parameter] : parameters_)
    if (parameter.grad().defined() && !parameter.grad().isfinite().all().item<bool>()) names.push_back(name);
  return names;
}

void Optimizer::scale_gradients(double factor) {
  for (auto& [name, parameter] : parameters_)
    if (parameter.grad().defined()) parameter.mutable_grad().mul_(factor);
}

void Optimizer::step(int64_t step, double lr, double weight_decay) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, parameter] : parameters_)
    if (parameter.grad().defined()) rule_.update(parameter, parameter.grad(), state_[name], step, lr, weight_decay);
}

TensorMap Optimizer::state() const {
  TensorMap all;
  for (const auto& [parameter, tensors] : state_)
    for (const auto& [name, tensor] : tensors) all[parameter + "/" + name] = tensor;
  return all;
}

void Optimizer::load_state(const TensorMap& state) {
  std::map<std::string, torch::Tensor> by_name(parameters_.begin(), parameters_.end());
  state_.clear();
  for (const auto& [key, tensor] : state) {
    const size_t slash = key.rfind('/');
    const auto parameter = by_name.find(key.substr(0, slash));
    if (slash == std::string::npos || parameter == by_name.end() || parameter->second.sizes() != tensor.sizes())
      fail(ErrorKind::data, "[optimizer] state '", key, "' of shape ", tensor.sizes(),
           " fits no parameter of the network");
    // zeros_like gives the strides that a fresh state would have, so that resumed sums run in the same order.
    auto& own = state_[parameter->first][key.substr(slash + 1)];
    own = torch::zeros_like(parameter->second.detach());
    own.copy_(tensor);
  }
}

}  // namespace unet
