#include "app/training/optimizer_rules.h"

#include <torch/torch.h>

#include <cmath>

namespace unet {
namespace {

torch::Tensor& state_of(TensorMap& state, const char* name, const torch::Tensor& parameter) {
  auto& tensor = state[name];
  if (!tensor.defined()) tensor = torch::zeros_like(parameter);
  return tensor;
}

/// Source: torch.optim.SGD; Sutskever et al. 2013.
class Sgd : public OptimizerRule {
 public:
  double momentum = 0.9;
  bool nesterov = true;

  void fields(FieldVisitor& visit) override {
    visit("momentum", momentum, "share of the last step that is kept", in_range(0, 0.9999));
    visit("nesterov", nesterov, "look ahead along the momentum; no effect where that is 0");
  }

  void update(torch::Tensor& parameter, const torch::Tensor& gradient, TensorMap& state, int64_t step, double lr,
              double weight_decay) const override {
    auto direction = weight_decay == 0 ? gradient : gradient.add(parameter, weight_decay);
    if (momentum != 0) {
      auto& buffer = state_of(state, "momentum_buffer", parameter);
      if (step == 1)
        buffer.copy_(direction);
      else
        buffer.mul_(momentum).add_(direction);
      direction = nesterov ? direction.add(buffer, momentum) : buffer;
    }
    parameter.add_(direction, -lr);
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

  void update(torch::Tensor& parameter, const torch::Tensor& gradient, TensorMap& state, int64_t, double lr,
              double weight_decay) const override {
    const auto decayed = weight_decay == 0 ? gradient : gradient.add(parameter, weight_decay);
    auto& square = state_of(state, "square_avg", parameter);
    square.mul_(alpha).addcmul_(decayed, decayed, 1 - alpha);
    const auto root = square.sqrt().add_(eps);
    if (momentum == 0) {
      parameter.addcdiv_(decayed, root, -lr);
      return;
    }
    auto& buffer = state_of(state, "momentum_buffer", parameter);
    buffer.mul_(momentum).addcdiv_(decayed, root);
    parameter.add_(buffer, -lr);
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

  void update(torch::Tensor& parameter, const torch::Tensor& gradient, TensorMap& state, int64_t step, double lr,
              double weight_decay) const override {
    auto decayed = gradient;
    if (decay == Decay::decoupled)
      parameter.mul_(1 - lr * weight_decay);
    else if (weight_decay != 0)
      decayed = gradient.add(parameter, weight_decay);
    auto& mean = state_of(state, "exp_avg", parameter);
    auto& square = state_of(state, "exp_avg_sq", parameter);
    mean.mul_(betas[0]).add_(decayed, 1 - betas[0]);
    square.mul_(betas[1]).addcmul_(decayed, decayed, 1 - betas[1]);
    const double mean_correction = 1 - std::pow(betas[0], static_cast<double>(step));
    const double square_correction = 1 - std::pow(betas[1], static_cast<double>(step));
    const auto root = square.sqrt().div_(std::sqrt(square_correction)).add_(eps);
    parameter.addcdiv_(mean, root, -lr / mean_correction);
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

  void update(torch::Tensor& parameter, const torch::Tensor& gradient, TensorMap& state, int64_t, double lr,
              double weight_decay) const override {
    auto& mean = state_of(state, "exp_avg", parameter);
    const auto direction = (mean * betas[0]).add_(gradient, 1 - betas[0]).sign_();
    parameter.mul_(1 - lr * weight_decay).add_(direction, -lr);
    mean.mul_(betas[1]).add_(gradient, 1 - betas[1]);
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
