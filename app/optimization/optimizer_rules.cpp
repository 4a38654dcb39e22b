#include "app/optimization/optimizer_rules.h"

#include <torch/types.h>

#include <cmath>

#include "app/optimization/one_pass.h"
#include "app/optimization/value_rules.h"

namespace unet {
namespace {

using Tensors = std::vector<torch::Tensor>;

Tensors states_of(const MovedParameters& moved, const char* name) {
  Tensors states;
  for (size_t i = 0; i < moved.values.size(); ++i) {
    auto& tensor = (*moved.states[i])[name];
    if (!tensor.defined()) tensor = torch::zeros_like(moved.values[i]);
    states.push_back(tensor);
  }
  return states;
}

Tensors scaled(const Tensors& gradients, const RuleStep& step) {
  return step.gradient_factor == 1 ? gradients : at::_foreach_mul(gradients, step.gradient_factor);
}

/// The gradients with weight decay in them.
Tensors decayed(const Tensors& gradients, const Tensors& parameters, const RuleStep& step) {
  const Tensors factored = scaled(gradients, step);
  return step.weight_decay == 0 ? factored : at::_foreach_add(factored, parameters, step.weight_decay);
}

/// Applies `rule` (see value_rules.h) to the values of those parameters where that goes in one pass over memory. Only
/// the others are left in the lists; false where there are none.
template <size_t Count, class Rule>
bool others_are_left(std::array<Tensors, Count>& lists, const RuleStep& step, const Rule& rule) {
  if (!step.in_one_pass) return true;
  std::array<Tensors, Count> others;
  std::vector<std::array<torch::Tensor, Count>> on_cuda;
  for (size_t i = 0; i < lists[0].size(); ++i) {
    std::array<torch::Tensor, Count> tensors;
    for (size_t list = 0; list < Count; ++list) tensors[list] = lists[list][i];
    if (can_pass_on_cuda(tensors)) {
      on_cuda.push_back(tensors);
      continue;
    }
    if (for_each_value<Count>(tensors, rule)) continue;
    for (size_t list = 0; list < Count; ++list) others[list].push_back(tensors[list]);
  }
  pass_on_cuda(rule, on_cuda);
  lists = std::move(others);
  return !lists[0].empty();
}

// `others_are_left` does for one value after another what the lines of tensor operations after it do.

/// Source: torch.optim.SGD; Sutskever et al. 2013.
class Sgd : public OptimizerRule {
 public:
  double momentum = 0.9;
  bool nesterov = true;

  void fields(FieldVisitor& visit) override {
    visit("momentum", momentum, "momentum factor", in_range(0, 0.9999));
    visit("nesterov", nesterov, "Nesterov momentum; no effect with momentum 0");
  }

  void update(const MovedParameters& moved, const RuleStep& step) const override {
    if (momentum == 0) {
      at::_foreach_add_(moved.values, decayed(moved.gradients, moved.values, step), -step.lr);
      return;
    }
    const SgdValue rule{step.lr, step.weight_decay, step.gradient_factor, momentum, step.number == 1, nesterov};
    std::array<Tensors, 3> lists{moved.values, moved.gradients, states_of(moved, "momentum_buffer")};
    if (!others_are_left(lists, step, rule)) return;
    const auto& [parameters, gradients, buffers] = lists;
    const auto directions = decayed(gradients, parameters, step);
    at::_foreach_mul_(buffers, step.number == 1 ? 0 : momentum);
    at::_foreach_add_(buffers, directions);
    at::_foreach_add_(parameters, nesterov ? at::_foreach_add(directions, buffers, momentum) : buffers, -step.lr);
  }
};

/// Source: torch.optim.RMSprop; Hinton 2012, lecture 6.
class RmsProp : public OptimizerRule {
 public:
  double alpha = 0.99;
  double eps = 1e-8;
  double momentum = 0;

  void fields(FieldVisitor& visit) override {
    visit("alpha", alpha, "decay rate of the mean square of the gradient", in_range(0, 1));
    visit("eps", eps, "added to the denominator for numerical stability", above(0));
    visit("momentum", momentum, "momentum factor", in_range(0, 0.9999));
  }

  void update(const MovedParameters& moved, const RuleStep& step) const override {
    const RmsPropValue rule{step.lr, step.weight_decay, step.gradient_factor, alpha, eps, momentum};
    const auto updated_roots = [&](const Tensors& squares, const Tensors& directions) {
      at::_foreach_mul_(squares, alpha);
      at::_foreach_addcmul_(squares, directions, directions, 1 - alpha);
      auto roots = at::_foreach_sqrt(squares);
      at::_foreach_add_(roots, eps);
      return roots;
    };
    if (momentum == 0) {
      std::array<Tensors, 3> lists{moved.values, moved.gradients, states_of(moved, "square_avg")};
      if (!others_are_left(lists, step, rule)) return;
      const auto& [parameters, gradients, squares] = lists;
      const auto directions = decayed(gradients, parameters, step);
      at::_foreach_addcdiv_(parameters, directions, updated_roots(squares, directions), -step.lr);
    } else {
      std::array<Tensors, 4> lists{moved.values, moved.gradients, states_of(moved, "square_avg"),
                                   states_of(moved, "momentum_buffer")};
      if (!others_are_left(lists, step, rule)) return;
      const auto& [parameters, gradients, squares, buffers] = lists;
      const auto directions = decayed(gradients, parameters, step);
      at::_foreach_mul_(buffers, momentum);
      at::_foreach_addcdiv_(buffers, directions, updated_roots(squares, directions));
      at::_foreach_add_(parameters, buffers, -step.lr);
    }
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
    visit("betas", betas, "decay rates of the mean of the gradient and of its square", limits);
    visit("eps", eps, "added to the denominator for numerical stability", above(0));
  }

  void update(const MovedParameters& moved, const RuleStep& step) const override {
    const double mean_correction = 1 - std::pow(betas[0], static_cast<double>(step.number));
    const double square_correction = 1 - std::pow(betas[1], static_cast<double>(step.number));
    const double root_correction = std::sqrt(square_correction), lr = step.lr / mean_correction;
    const double shrink = decay == Decay::decoupled ? 1 - step.lr * step.weight_decay : 1;
    const double in_gradient = decay == Decay::decoupled ? 0 : step.weight_decay;
    const AdamValue rule{lr, in_gradient, step.gradient_factor, shrink, betas[0], betas[1], root_correction, eps};
    std::array<Tensors, 4> lists{moved.values, moved.gradients, states_of(moved, "exp_avg"),
                                 states_of(moved, "exp_avg_sq")};
    if (!others_are_left(lists, step, rule)) return;
    const auto& [parameters, gradients, means, squares] = lists;
    const auto directions = decay == Decay::decoupled ? scaled(gradients, step) : decayed(gradients, parameters, step);
    if (decay == Decay::decoupled) at::_foreach_mul_(parameters, shrink);
    at::_foreach_mul_(means, betas[0]);
    at::_foreach_add_(means, directions, 1 - betas[0]);
    at::_foreach_mul_(squares, betas[1]);
    at::_foreach_addcmul_(squares, directions, directions, 1 - betas[1]);
    auto roots = at::_foreach_sqrt(squares);
    at::_foreach_div_(roots, root_correction);
    at::_foreach_add_(roots, eps);
    at::_foreach_addcdiv_(parameters, means, roots, -lr);
  }
};

/// Source: Chen et al. 2023, arXiv:2302.06675, algorithm 2.
class Lion : public OptimizerRule {
 public:
  std::vector<double> betas{0.9, 0.99};

  void fields(FieldVisitor& visit) override {
    Limits limits = in_range(0, 0.99999999);
    limits.items = 2;
    visit("betas", betas, "decay rates of the momentum: in this step's direction, and as kept for the next step",
          limits);
  }

  void update(const MovedParameters& moved, const RuleStep& step) const override {
    const double shrink = 1 - step.lr * step.weight_decay;
    const LionValue rule{step.lr, step.gradient_factor, shrink, betas[0], betas[1]};
    std::array<Tensors, 3> lists{moved.values, moved.gradients, states_of(moved, "exp_avg")};
    if (!others_are_left(lists, step, rule)) return;
    const auto& [parameters, gradients, means] = lists;
    const auto factored = scaled(gradients, step);
    auto directions = at::_foreach_mul(means, betas[0]);
    at::_foreach_add_(directions, factored, 1 - betas[0]);
    for (torch::Tensor& direction : directions) direction.sign_();  // older LibTorch has no _foreach_sign
    at::_foreach_mul_(parameters, shrink);
    at::_foreach_add_(parameters, directions, -step.lr);
    at::_foreach_mul_(means, betas[1]);
    at::_foreach_add_(means, factored, 1 - betas[1]);
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
       {"lion",
        "sign of the momentum, weight decay decoupled; needs 3 to 10 times less lr and more weight decay than adamw",
        make_row<OptimizerRule, Lion>}}};
  return table;
}

}  // namespace unet
