#include "app/optimization/muon.h"

#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "app/config/config.h"
#include "app/training/optimizer.h"
#include "configs/schema/reader.h"
#include "models/execution/network.h"
#include "models/unet/unet.h"

namespace unet {
namespace {

/// What the iteration makes of a singular value that is `value` of the norm.
double iterated(double value, int64_t steps) {
  for (int64_t i = 0; i < steps; ++i)
    value = 3.4445 * value - 4.7750 * std::pow(value, 3) + 2.0315 * std::pow(value, 5);
  return value;
}

TEST(Muon, OrthogonalizingMakesTheSingularValuesAboutEqual) {
  const std::vector<double> values{3, 2, 0.5};
  const double norm = std::sqrt(9 + 4 + 0.25);
  for (const int64_t steps : {1, 5}) {
    torch::Tensor matrix = torch::zeros({3, 5}, torch::kDouble);
    for (int64_t i = 0; i < 3; ++i) matrix[i][i] = values[static_cast<size_t>(i)];
    torch::Tensor result = orthogonalized(matrix, steps);
    for (int64_t i = 0; i < 3; ++i) {
      const double expected = iterated(values[static_cast<size_t>(i)] / norm, steps);
      EXPECT_NEAR(result[i][i].item<double>(), expected, 1e-6) << steps;
      EXPECT_TRUE(steps < 5 || (expected > 0.6 && expected < 1.3)) << expected;
      result[i][i] = 0;
    }
    EXPECT_EQ(result.abs().max().item<double>(), 0);
  }
}

TEST(Muon, OrthogonalizingCommutesWithRotations) {
  torch::manual_seed(1);
  const torch::Tensor matrix = torch::randn({2, 7}, torch::kDouble);
  const torch::Tensor rotation = torch::tensor({{0.6, -0.8}, {0.8, 0.6}}, torch::kDouble);
  const torch::Tensor expected = rotation.mm(orthogonalized(matrix, 5));
  EXPECT_TRUE(torch::allclose(orthogonalized(rotation.mm(matrix), 5), expected, 1e-9, 1e-9));
}

TEST(Muon, OrthogonalizingDoesNotDependOnTheScaleOrTheOrientation) {
  torch::manual_seed(2);
  const torch::Tensor matrix = torch::randn({6, 20}, torch::kDouble);
  const torch::Tensor result = orthogonalized(matrix, 5);
  EXPECT_TRUE(torch::allclose(orthogonalized(matrix * 1e-3, 5), result, 1e-2, 1e-3));
  EXPECT_TRUE(torch::allclose(orthogonalized(matrix.t().contiguous(), 5).t(), result, 1e-12, 1e-12));
}

/// Changes of a network's parameters in a step by `optimizer`, all gradients being the same function of the shape.
TensorMap changes_by(const std::string& optimizer) {
  Config config;
  read_config(parse_yaml("{model: {num_classes: 3, depth: 2, base_channels: 4, deep_supervision: [0.5]}, "
                         "train: {precision: fp32, weight_decay: 0.1, optimizer: " +
                             optimizer + "}, data: {channels: 3}}",
                         "test"),
              config);
  Network network(describe_unet(config.model, 3));
  initialize(*network, 1);
  Optimizer rule(config.train, *network);
  TensorMap before;
  for (const auto& item : network->named_parameters()) {
    before[item.key()] = item.value().detach().clone();
    item.value().mutable_grad() = torch::linspace(-1, 2, item.value().numel()).view(item.value().sizes());
  }
  rule.step(1e-2);
  TensorMap changes;
  for (const auto& item : network->named_parameters()) changes[item.key()] = item.value().detach() - before[item.key()];
  return changes;
}

TEST(Muon, OnlyHiddenConvolutionWeightsAreOrthogonalized) {
  const TensorMap muon = changes_by("{name: muon, betas: [0.8, 0.9], eps: 1e-6}");
  int64_t hidden = 0;
  for (const auto& [name, change] : changes_by("{name: adamw, betas: [0.8, 0.9], eps: 1e-6}")) {
    const bool is_weight = change.dim() > 1;
    const bool is_hidden = is_weight && name != "encoder.0.conv1.weight" && name.find("head") == std::string::npos;
    EXPECT_EQ(torch::equal(muon.at(name), change), !is_hidden) << name;
    hidden += is_hidden ? 1 : 0;
  }
  EXPECT_GE(hidden, 8);
}

TEST(Muon, TheOtherParametersHaveAFactorOfTheirOwn) {
  const TensorMap once = changes_by("{name: muon}"), twice = changes_by("{name: muon, adamw_lr_factor: 2}");
  EXPECT_TRUE(torch::allclose(2 * once.at("head.bias"), twice.at("head.bias"), 1e-4, 1e-6));
  EXPECT_TRUE(torch::equal(once.at("encoder.0.conv2.weight"), twice.at("encoder.0.conv2.weight")));
}

}  // namespace
}  // namespace unet
