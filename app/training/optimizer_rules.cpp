#include "app/training/optimizer_rules.h"

#include <torch/torch.h>

#include <cmath>

#include "app/training/one_pass.h"

namespace unet {
namespace {

torch::Tensor& state_of(TensorMap& state, const char* name, const torch::Tensor& parameter) {
  auto& tensor = state[name];
  if (!tensor.defined()) tensor = torch::zeros_like(parameter);
  return tensor;
}

torch::Tensor scaled(const torch::Tensor& gradient, const RuleStep& step) {
  return step.gradient_factor == 1 ? gradient : gradient * step.gradient_factor;
}

/// The gradient with weight decay in it.
torch::Tensor decayed(const torch::Tensor& gradient, const torch::Tensor& parameter, const RuleStep& step) {
  return step.weight_decay == 0 ? scaled(gradient, step) : scaled(gradient, step).add(parameter, step.weight_decay);
}

// In a single pass, `work(values...)` of each rule below does for one value what the lines of tensor operations after
// it do; the numbers it takes are of the values' own type.

/// Source: torch.optim.SGD; Sutskever et al. 2013.
class Sgd : public OptimizerRule {
 public:
  double momentum = 0.9;
  bool nesterov = true;

  void fields(FieldVisitor& visit) override {
    visit("momentum", momentum, "share of the last step that is kept", in_range(0, 0.9999));
    visit("nesterov", nesterov, "look ahead along the momentum; no effect where that is 0");
  }

  void update(torch::Tensor& parameter, const torch::Tensor& gradient, TensorMap& state,
              const RuleStep& step) const override {
    if (momentum == 0) {
      parameter.add_(decayed(gradient, parameter, step), -step.lr);
      return;
    }
    auto& buffer = state_of(state, "momentum_buffer", parameter);
    const auto work = [&, kept = step.number == 1 ? 0 : momentum](auto& p, auto g, auto& b) {
      using T = std::decay_t<decltype(g)>;
      const T direction = g * static_cast<T>(step.gradient_factor) + p * static_cast<T>(step.weight_decay);
      b = b * static_cast<T>(kept) + direction;
      p -= static_cast<T>(step.lr) * (nesterov ? direction + static_cast<T>(momentum) * b : b);
    };
    if (step.in_one_pass && for_each_value<3>({parameter, gradient, buffer}, work)) return;
    const auto direction = decayed(gradient, parameter, step);
    if (step.number == 1)
      buffer.copy_(direction);
    else
      buffer.mul_(momentum).add_(direction);
    parameter.add_(nesterov ? direction.add(buffer, momentum) : buffer, -step.lr);
  }
};

/// Source: torch.optim.RMSprop; Hinton 2012, lecture 6.
class RmsProp : public OptimizerRule {
 public:
  double alpha = 0.99;
  double eps = 1e-8;
  double momentum = 0;

  void fields(FieldVisitor& visit) override {
    visit("alpha", alpha, "decay of the mean square", in_range(0, 1));
    visit("eps", eps, "added to the root", above(0));
    visit("momentum", momentum, "share of the last step that is kept", in_range(0, 0.9999));
  }

  void update(torch::Tensor& parameter, const torch::Tensor& gradient, TensorMap& state,
              const RuleStep& step) const override {
    auto& square = state_of(state, "square_avg", parameter);
    const auto direction = [&](auto p, auto g, auto& v) {
      using T = std::decay_t<decltype(g)>;
      g = g * static_cast<T>(step.gradient_factor) + p * static_cast<T>(step.weight_decay);
      v = v * static_cast<T>(alpha) + g * g * static_cast<T>(1 - alpha);
      return g / (std::sqrt(v) + static_cast<T>(eps));
    };
    if (momentum == 0) {
      const auto work = [&](auto& p, auto g, auto& v) { p -= static_cast<decltype(g)>(step.lr) * direction(p, g, v); };
      if (step.in_one_pass && for_each_value<3>({parameter, gradient, square}, work)) return;
    } else {
      const auto work = [&](auto& p, auto g, auto& v, auto& b) {
        b = b * static_cast<decltype(g)>(momentum) + direction(p, g, v);
        p -= static_cast<decltype(g)>(step.lr) * b;
      };
      auto& buffer = state_of(state, "momentum_buffer", parameter);
      if (step.in_one_pass && for_each_value<4>({parameter, gradient, square, buffer}, work)) return;
    }
    const auto with_decay = decayed(gradient, parameter, step);
    square.mul_(alpha).addcmul_(with_decay, with_decay, 1 - alpha);
    const auto root = square.sqrt().add_(eps);
    if (momentum == 0) {
      parameter.addcdiv_(with_decay, root, -step.lr);
      return;
    }
    auto& buffer = state_of(state, "momentum_buffer", parameter);
    buffer.mul_(momentum).addcdiv_(with_decay, root);
    parameter.add_(buffer, -step.lr);
  }
};

enum class Decay { in_gradient, decoupled };

/// Adam, with weight decay in the gradient (Kingma & Ba 2014, arXiv:1412.6980) or decoupled from it
/// (AdamW, Loshchilov & Hutter 2017, arXiv:1711.05101).
template <Decay decay>
class Adam : public OptimizerRule {
 public:
  std::vector<double> betas{0.9, 0.999};
  double eps = 1e-8;

  void fields(FieldVisitor& visit) override {
    Limits limits = in_range(0, 0.99999999);
    limits.items = 2;
    visit("betas", betas, "decay of the mean and of the mean square", limits);
    visit("eps", eps, "added to the root", above(0));
  }

  void update(torch::Tensor& parameter, const torch::Tensor& gradient, TensorMap& state,
              const RuleStep& step) const override {
    auto& mean = state_of(state, "exp_avg", parameter);
    auto& square = state_of(state, "exp_avg_sq", parameter);
    const double mean_correction = 1 - std::pow(betas[0], static_cast<double>(step.number));
    const double square_correction = 1 - std::pow(betas[1], static_cast<double>(step.number));
    const double root_correction = std::sqrt(square_correction), lr = step.lr / mean_correction;
    const double shrink = decay == Decay::decoupled ? 1 - step.lr * step.weight_decay : 1;
    const double in_gradient = decay == Decay::decoupled ? 0 : step.weight_decay;
    const auto work = [&, keep = betas[0], keep_square = betas[1]](auto& p, auto g, auto& m, auto& v) {
      using T = std::decay_t<decltype(g)>;
      g = g * static_cast<T>(step.gradient_factor) + p * static_cast<T>(in_gradient);
      p *= static_cast<T>(shrink);
      m = m * static_cast<T>(keep) + g * static_cast<T>(1 - keep);
      v = v * static_cast<T>(keep_square) + g * g * static_cast<T>(1 - keep_square);
      p -= static_cast<T>(lr) * m / (std::sqrt(v) / static_cast<T>(root_correction) + static_cast<T>(eps));
    };
    if (step.in_one_pass && for_each_value<4>({parameter, gradient, mean, square}, work)) return;
    const auto direction = decay == Decay::decoupled ? scaled(gradient, step) : decayed(gradient, parameter, step);
    if (decay == Decay::decoupled) parameter.mul_(shrink);
    mean.mul_(betas[0]).add_(direction, 1 - betas[0]);
    square.mul_(betas[1]).addcmul_(direction, direction, 1 - betas[1]);
    parameter.addcdiv_(mean, square.sqrt().div_(root_correction).add_(eps), -lr);
  }
};

/// Source: Chen et al. 2023, arXiv:2302.06675, algorithm 2.
class Lion : public OptimizerRule {
 public:
  std::vector<double> betas{0.9, 0.99};

  void fields(FieldVisitor& visit) override {
    Limits limits = in_range(0, 0.99999999);
    limits.items = 2;
    visit("betas", betas, "decay of the mean in this step's direction, and for the steps to come", limits);
  }

  void update(torch::Tensor& parameter, const torch::Tensor& gradient, TensorMap& state,
              const RuleStep& step) const override {
    auto& mean = state_of(state, "exp_avg", parameter);
    const double shrink = 1 - step.lr * step.weight_decay;
    const auto work = [&, first = betas[0], second = betas[1]](auto& p, auto g, auto& m) {
      using T = std::decay_t<decltype(g)>;
      g *= static_cast<T>(step.gradient_factor);
      const T direction = m * static_cast<T>(first) + g * static_cast<T>(1 - first);
      const T sign = static_cast<T>(direction > 0) - static_cast<T>(direction < 0);
      p = p * static_cast<T>(shrink) - static_cast<T>(step.lr) * sign;
      m = m * static_cast<T>(second) + g * static_cast<T>(1 - second);
    };
    if (step.in_one_pass && for_each_value<3>({parameter, gradient, mean}, work)) return;
    const auto factored = scaled(gradient, step);
    const auto direction = (mean * betas[0]).add_(factored, 1 - betas[0]).sign_();
    parameter.mul_(shrink).add_(direction, -step.lr);
    mean.mul_(betas[1]).add_(factored, 1 - betas[1]);
  }
};

}  // namespace

const Registry<OptimizerRule>& optimizer_rules() {
  static const Registry<OptimizerRule> table{
      "optimizer",
      {{"sgd", "stochastic gradient descent with momentum", make_row<OptimizerRule, Sgd>},
       {"rmsprop", "RMSprop", make_row<OptimizerRule, RmsProp>},
       {"adam", "Adam, weight decay in the gradient", make_row<OptimizerRule, Adam<Decay::in_gradient>>},
       {"adamw", "Adam, weight decay decoupled", make_row<OptimizerRule, Adam<Decay::decoupled>>},
       {"lion", "sign of a momentum, weight decay decoupled; wants 3 to 10 times less lr and more decay than adamw",
        make_row<OptimizerRule, Lion>}}};
  return table;
}

}  // namespace unet
