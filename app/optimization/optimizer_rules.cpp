#include "app/optimization/optimizer_rules.h"

#include <torch/types.h>

#include <cmath>

#include "app/optimization/fused_optimizer.h"
#include "app/optimization/muon.h"
#include "app/optimization/optimizer_kernels.h"

namespace unet {
namespace {

using Tensors = std::vector<torch::Tensor>;

/// Source: torch.optim.SGD; Sutskever et al. 2013.
class Sgd : public OptimizerRule {
 public:
  double momentum = 0.9;
  bool nesterov = true;

  void fields(FieldVisitor& visit) override {
    visit("momentum", momentum, "momentum factor", in_range(0, 0.9999));
    visit("nesterov", nesterov, "Nesterov momentum; no effect with momentum 0");
  }

  void update(const ParameterGroup& group, const UpdateArgs& args) const override {
    const SgdKernel kernel{args.lr, args.weight_decay, args.gradient_factor, momentum, args.step == 1, nesterov};
    if (momentum == 0)
      apply_fused<2>({group.values, group.gradients}, kernel);
    else
      apply_fused<3>({group.values, group.gradients, states_of(group, "momentum_buffer")}, kernel);
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

  void update(const ParameterGroup& group, const UpdateArgs& args) const override {
    const RmsPropKernel kernel{args.lr, args.weight_decay, args.gradient_factor, alpha, eps, momentum};
    const Tensors squares = states_of(group, "square_avg");
    if (momentum == 0)
      apply_fused<3>({group.values, group.gradients, squares}, kernel);
    else
      apply_fused<4>({group.values, group.gradients, squares, states_of(group, "momentum_buffer")}, kernel);
  }
};

enum class Decay { in_gradient, decoupled };

/// See update_by_adam.
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

  void update(const ParameterGroup& group, const UpdateArgs& args) const override {
    update_by_adam(group, args, betas, eps, decay == Decay::decoupled);
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

  void update(const ParameterGroup& group, const UpdateArgs& args) const override {
    const double shrink = 1 - args.lr * args.weight_decay;
    const LionKernel kernel{args.lr, args.gradient_factor, shrink, betas[0], betas[1]};
    apply_fused<3>({group.values, group.gradients, states_of(group, "exp_avg")}, kernel);
  }
};

}  // namespace

std::vector<torch::Tensor> states_of(const ParameterGroup& group, const char* name) {
  Tensors states;
  for (size_t i = 0; i < group.values.size(); ++i) {
    auto& tensor = (*group.states[i])[name];
    if (!tensor.defined()) tensor = torch::zeros_like(group.values[i]);
    states.push_back(tensor);
  }
  return states;
}

void update_by_adam(const ParameterGroup& group, const UpdateArgs& args, const std::vector<double>& betas, double eps,
                    bool decoupled) {
  const auto step = static_cast<double>(args.step);
  const double mean_correction = 1 - std::pow(betas[0], step);
  const double square_correction = 1 - std::pow(betas[1], step);
  AdamKernel kernel{};
  kernel.lr = args.lr / mean_correction;
  kernel.weight_decay = decoupled ? 0 : args.weight_decay;
  kernel.gradient_factor = args.gradient_factor;
  kernel.shrink = decoupled ? 1 - args.lr * args.weight_decay : 1;
  kernel.beta1 = betas[0];
  kernel.beta2 = betas[1];
  kernel.root_correction = std::sqrt(square_correction);
  kernel.eps = eps;
  apply_fused<4>({group.values, group.gradients, states_of(group, "exp_avg"), states_of(group, "exp_avg_sq")}, kernel);
}

const Registry<OptimizerRule>& optimizer_rules() {
  static const Registry<OptimizerRule> table{
      "optimizer",
      {{"sgd", "stochastic gradient descent with momentum", make_row<OptimizerRule, Sgd>},
       {"rmsprop", "RMSprop", make_row<OptimizerRule, RmsProp>},
       {"adam", "Adam, weight decay in the gradient", make_row<OptimizerRule, Adam<Decay::in_gradient>>},
       {"adamw", "Adam, weight decay decoupled", make_row<OptimizerRule, Adam<Decay::decoupled>>},
       {"lion",
        "sign of the momentum, weight decay decoupled; needs 3 to 10 times less lr and more weight decay than adamw",
        make_row<OptimizerRule, Lion>},
       {"muon", "orthogonalized momentum for hidden convolution weights, adamw for the other parameters",
        make_row<OptimizerRule, Muon>}}};
  return table;
}

}  // namespace unet
