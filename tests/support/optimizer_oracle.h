#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "app/optimization/optimizer_rules.h"

namespace unet {

/// Reference implementation of an optimizer in tensor operations.
struct OptimizerOracle {
  std::string options;  ///< options of the OptimizerRule that it implements, in YAML
  std::function<void(const ParameterGroup& group, const UpdateArgs& args)> update;
};

namespace oracle {

inline torch::Tensor& state(const ParameterGroup& group, size_t i, const char* name) {
  auto& tensor = (*group.states[i])[name];
  if (!tensor.defined()) tensor = torch::zeros_like(group.values[i]);
  return tensor;
}

inline torch::Tensor decayed_gradient(const ParameterGroup& group, size_t i, const UpdateArgs& args) {
  return group.gradients[i] * args.gradient_factor + group.values[i] * args.weight_decay;
}

inline OptimizerOracle sgd(const std::string& options, double momentum, bool nesterov) {
  return {options, [=](const ParameterGroup& group, const UpdateArgs& args) {
            for (size_t i = 0; i < group.values.size(); ++i) {
              auto direction = decayed_gradient(group, i, args);
              if (momentum > 0) {
                auto& buffer = state(group, i, "momentum_buffer");
                buffer.mul_(args.step == 1 ? 0 : momentum).add_(direction);
                direction = nesterov ? direction + momentum * buffer : buffer;
              }
              group.values[i].sub_(args.lr * direction);
            }
          }};
}

inline OptimizerOracle rmsprop(const std::string& options, double alpha, double eps, double momentum) {
  return {options, [=](const ParameterGroup& group, const UpdateArgs& args) {
            for (size_t i = 0; i < group.values.size(); ++i) {
              const auto gradient = decayed_gradient(group, i, args);
              auto& square = state(group, i, "square_avg");
              square.mul_(alpha).add_((1 - alpha) * gradient * gradient);
              auto direction = gradient / (square.sqrt() + eps);
              if (momentum > 0) direction = state(group, i, "momentum_buffer").mul_(momentum).add_(direction);
              group.values[i].sub_(args.lr * direction);
            }
          }};
}

inline OptimizerOracle adam(const std::string& options, double beta1, double beta2, double eps, bool decoupled) {
  return {options, [=](const ParameterGroup& group, const UpdateArgs& args) {
            const auto step = static_cast<double>(args.step);
            for (size_t i = 0; i < group.values.size(); ++i) {
              const auto gradient =
                  decoupled ? group.gradients[i] * args.gradient_factor : decayed_gradient(group, i, args);
              if (decoupled) group.values[i].mul_(1 - args.lr * args.weight_decay);
              auto &mean = state(group, i, "exp_avg"), &square = state(group, i, "exp_avg_sq");
              mean.mul_(beta1).add_((1 - beta1) * gradient);
              square.mul_(beta2).add_((1 - beta2) * gradient * gradient);
              const auto corrected_mean = mean / (1 - std::pow(beta1, step));
              const auto corrected_square = square / (1 - std::pow(beta2, step));
              group.values[i].sub_(args.lr * corrected_mean / (corrected_square.sqrt() + eps));
            }
          }};
}

inline OptimizerOracle lion(const std::string& options, double beta1, double beta2) {
  return {options, [=](const ParameterGroup& group, const UpdateArgs& args) {
            for (size_t i = 0; i < group.values.size(); ++i) {
              const auto gradient = group.gradients[i] * args.gradient_factor;
              auto& mean = state(group, i, "exp_avg");
              const auto direction = (beta1 * mean + (1 - beta1) * gradient).sign();
              group.values[i].mul_(1 - args.lr * args.weight_decay).sub_(args.lr * direction);
              mean.mul_(beta2).add_((1 - beta2) * gradient);
            }
          }};
}

/// Muon for matrices. `factor`: of the learning rate, by rows and columns.
inline OptimizerOracle muon(const std::string& options, double momentum, bool nesterov, int64_t steps,
                            const std::function<double(double, double)>& factor) {
  return {options, [=](const ParameterGroup& group, const UpdateArgs& args) {
            for (size_t i = 0; i < group.values.size(); ++i) {
              const auto gradient = group.gradients[i] * args.gradient_factor;
              auto& buffer = state(group, i, "momentum_buffer");
              buffer.copy_(momentum * buffer + gradient);
              auto x = (nesterov ? gradient + momentum * buffer : buffer).contiguous().flatten(1);
              x = x / (x.norm() + 1e-7);
              for (int64_t k = 0; k < steps; ++k) {
                const auto cube = x.mm(x.t().mm(x));
                x = 3.4445 * x - 4.7750 * cube + 2.0315 * cube.mm(x.t().mm(x));
              }
              const double lr = args.lr * factor(static_cast<double>(x.size(0)), static_cast<double>(x.size(1)));
              group.values[i].mul_(1 - args.lr * args.weight_decay).sub_(lr * x.view(gradient.sizes()));
            }
          }};
}

}  // namespace oracle

/// Returns oracles of every rule in optimizer_rules(), with several options.
inline std::vector<OptimizerOracle> optimizer_oracles() {
  return {oracle::sgd("{name: sgd, momentum: 0}", 0, false),
          oracle::sgd("{name: sgd, momentum: 0.9, nesterov: false}", 0.9, false),
          oracle::sgd("{name: sgd, momentum: 0.9, nesterov: true}", 0.9, true),
          oracle::rmsprop("{name: rmsprop, alpha: 0.9, eps: 1e-6}", 0.9, 1e-6, 0),
          oracle::rmsprop("{name: rmsprop, alpha: 0.9, eps: 1e-6, momentum: 0.8}", 0.9, 1e-6, 0.8),
          oracle::adam("{name: adam, betas: [0.8, 0.95], eps: 1e-6}", 0.8, 0.95, 1e-6, false),
          oracle::adam("{name: adamw, betas: [0.8, 0.95], eps: 1e-6}", 0.8, 0.95, 1e-6, true),
          oracle::lion("{name: lion, betas: [0.85, 0.97]}", 0.85, 0.97),
          oracle::muon("{name: muon}", 0.95, true, 5,
                       [](double rows, double columns) { return 0.2 * std::sqrt(std::max(rows, columns)); }),
          oracle::muon("{name: muon, momentum: 0.8, nesterov: false, ns_steps: 3, adjust_lr_fn: original}", 0.8, false,
                       3, [](double rows, double columns) { return std::sqrt(std::max(1.0, rows / columns)); })};
}

}  // namespace unet
