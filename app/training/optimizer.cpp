#include "app/training/optimizer.h"

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <map>
#include <tuple>

#include "app/optimization/freezing.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

constexpr const char* kSteps = "step";  // key of a parameter's step count, stored with its state

std::string last_part(const std::string& key) { return key.substr(key.rfind('/') + 1); }

double lr_factor(const TrainOptions& options, const std::string& name) {
  const std::string part = part_of(name);
  return part == "encoder" || part == "bottleneck" ? options.encoder_lr_factor : options.decoder_lr_factor;
}

/// Biases and the parameters of norms have one dimension, all others more.
double weight_decay(const TrainOptions& options, const torch::Tensor& parameter) {
  return options.weight_decay_on == WeightDecayScope::weights && parameter.dim() <= 1 ? 0 : options.weight_decay;
}

}  // namespace

Optimizer::Optimizer(const TrainOptions& options, const torch::nn::Module& network) : rule_(*options.optimizer) {
  bool is_first = true;
  for (const auto& item : network.named_parameters()) {
    const bool is_weight = item.value().dim() > 1;
    const std::string part = part_of(item.key());
    const bool is_hidden = is_weight && !is_first && part != kHeadPart && part != kAuxiliaryHeadPart;
    if (is_weight) is_first = false;
    parameters_.push_back({item.key(), item.value(), lr_factor(options, item.key()),
                           weight_decay(options, item.value()), is_hidden && rule_.distinguishes_hidden()});
  }
}

void Optimizer::zero_grad() {
  for (auto& parameter : parameters_) parameter.tensor.mutable_grad().reset();
}

std::vector<torch::Tensor> Optimizer::gradients() const {
  std::vector<torch::Tensor> all;
  for (const auto& parameter : parameters_)
    if (parameter.tensor.grad().defined()) all.push_back(parameter.tensor.grad());
  return all;
}

double Optimizer::gradient_norm() const {
  const auto all = gradients();
  return all.empty() ? 0 : torch::stack(at::_foreach_norm(all)).norm().item<double>();
}

std::vector<std::string> Optimizer::nonfinite_gradients() const {
  std::vector<std::string> names;
  for (const auto& parameter : parameters_)
    if (parameter.tensor.grad().defined() && !parameter.tensor.grad().isfinite().all().item<bool>())
      names.push_back(parameter.name);
  return names;
}

void Optimizer::scale_gradients(double factor) {
  const auto all = gradients();
  if (!all.empty()) at::_foreach_mul_(all, factor);
}

void Optimizer::clamp_gradients(double limit) {
  for (const torch::Tensor& gradient : gradients()) gradient.clamp_(-limit, limit);
}

void Optimizer::step(double lr, double gradient_factor) {
  const torch::NoGradGuard no_grad;
  std::map<std::tuple<int64_t, double, double, bool>, ParameterGroup> groups;
  for (auto& p : parameters_) {
    if (!p.tensor.grad().defined()) continue;
    ParameterGroup& group = groups[{++p.steps, p.lr_factor, p.weight_decay, p.is_hidden}];
    group.is_hidden = p.is_hidden;
    group.values.push_back(p.tensor);
    group.gradients.push_back(p.tensor.grad());
    group.states.push_back(&p.state);
  }
  for (const auto& [key, group] : groups) {
    const auto& [step, lr_factor, weight_decay, is_hidden] = key;
    rule_.update(group, {step, lr * lr_factor, weight_decay, gradient_factor});
  }
}

TensorMap Optimizer::state() const {
  TensorMap all;
  for (const auto& parameter : parameters_) {
    for (const auto& [name, tensor] : parameter.state) all[parameter.name + "/" + name] = tensor;
    if (!parameter.state.empty()) all[parameter.name + "/" + kSteps] = torch::tensor(parameter.steps, torch::kLong);
  }
  return all;
}

void Optimizer::load_state(const TensorMap& state, int64_t steps) {
  for (auto& parameter : parameters_) {
    parameter.steps = 0;
    parameter.state.clear();
  }
  for (const auto& [key, tensor] : state) {
    Parameter& parameter = find_parameter(key, tensor);
    if (last_part(key) == kSteps) continue;
    const auto count = state.find(parameter.name + "/" + kSteps);
    parameter.steps = count == state.end() ? steps : count->second.item<int64_t>();
    // zeros_like gives the state the strides that a new one has.
    auto& restored = parameter.state[last_part(key)];
    restored = torch::zeros_like(parameter.tensor.detach());
    restored.copy_(tensor);
  }
}

/// Finds the parameter that a state belongs to. Throws Error(data).
Optimizer::Parameter& Optimizer::find_parameter(const std::string& key, const torch::Tensor& tensor) {
  const bool is_count = last_part(key) == kSteps;
  for (auto& parameter : parameters_) {
    const bool fits = is_count ? tensor.numel() == 1 : tensor.sizes() == parameter.tensor.sizes();
    if (fits && key == parameter.name + "/" + last_part(key)) return parameter;
  }
  fail(ErrorKind::data, "[optimizer] state '", key, "' of shape ", tensor.sizes(),
       " matches no parameter of the network");
}

}  // namespace unet
