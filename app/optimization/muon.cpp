#include "app/optimization/muon.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

namespace unet {

void Muon::fields(FieldVisitor& visit) {
  visit("momentum", momentum, "momentum factor", in_range(0, 0.9999));
  visit("nesterov", nesterov, "Nesterov momentum");
  visit("ns_steps", ns_steps, "Newton-Schulz iterations", in_range(1, 20));
  visit("adjust_lr_fn", adjust_lr_fn,
        "factor of lr by the shape: original: sqrt(max(1, rows / columns)), for lr about 0.02; match_rms_adamw: 0.2 "
        "sqrt(max(rows, columns)), for the lr of adamw");
  visit("adamw_lr_factor", adamw_lr_factor, "factor of lr for the parameters that adamw updates", above(0));
  Limits limits = in_range(0, 0.99999999);
  limits.items = 2;
  visit("betas", betas, "of adamw: decay rates of the mean of the gradient and of its square", limits);
  visit("eps", eps, "of adamw: added to the denominator for numerical stability", above(0));
}

void Muon::update(const ParameterGroup& group, const UpdateArgs& args) const {
  if (!group.is_hidden) {
    UpdateArgs adamw = args;
    adamw.lr *= adamw_lr_factor;
    update_by_adam(group, adamw, betas, eps, /*decoupled=*/true);
    return;
  }
  const std::vector<torch::Tensor> buffers = states_of(group, "momentum_buffer");
  for (size_t i = 0; i < buffers.size(); ++i) {
    const torch::Tensor gradient = group.gradients[i] * args.gradient_factor;
    buffers[i].mul_(momentum).add_(gradient);
    const torch::Tensor direction = nesterov ? gradient + buffers[i] * momentum : buffers[i];
    // Contiguous, so that the result does not depend on the memory format.
    const torch::Tensor matrix = direction.reshape({direction.size(0), -1}).contiguous();
    const double lr = args.lr * scale(matrix.size(0), matrix.size(1));
    group.values[i].mul_(1 - args.lr * args.weight_decay);
    group.values[i].sub_(orthogonalized(matrix, ns_steps).reshape(direction.sizes()) * lr);
  }
}

double Muon::scale(int64_t rows, int64_t columns) const {
  const auto height = static_cast<double>(rows), width = static_cast<double>(columns);
  return adjust_lr_fn == MuonScale::original ? std::sqrt(std::max(1.0, height / width))
                                             : 0.2 * std::sqrt(std::max(height, width));
}

torch::Tensor orthogonalized(const torch::Tensor& matrix, int64_t steps) {
  constexpr double kLinear = 3.4445, kCubic = -4.7750, kQuintic = 2.0315;
  constexpr double kEps = 1e-7;
  const bool is_tall = matrix.size(0) > matrix.size(1);  // the smaller product is then on the other side
  torch::Tensor x = is_tall ? matrix.t().contiguous() : matrix;
  x = x / (x.norm() + kEps);
  for (int64_t i = 0; i < steps; ++i) {
    const torch::Tensor square = x.mm(x.t());
    const torch::Tensor factor = square * kCubic + square.mm(square) * kQuintic;
    x = x * kLinear + factor.mm(x);
  }
  return is_tall ? x.t() : x;
}

}  // namespace unet
