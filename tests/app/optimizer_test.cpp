#include "app/training/optimizer.h"

#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "app/optimization/freezing.h"
#include "app/training/learner.h"
#include "configs/schema/reader.h"
#include "tests/support/error_text.h"
#include "tests/support/golden.h"

namespace unet {
namespace {

constexpr double kStep = 0.5;  // learning rate; also the change by plain SGD for a gradient of 1

std::unique_ptr<Config> config_with(const std::string& train) {
  auto config = std::make_unique<Config>();
  read_config(parse_yaml("{model: {num_classes: 3, depth: 2, base_channels: 4}, train: {precision: fp32, " + train +
                             "}, data: {channels: 3}}",
                         "test"),
              *config);
  return config;
}

const char* const kPlainSgd = "optimizer: {name: sgd, momentum: 0, nesterov: false}";

Network network_of(const Config& config) { return Network(describe_unet(config.model, 3)); }

/// Returns the change of each parameter in a step in which all gradients are `gradient`.
TensorMap parameter_changes(const Config& config, double gradient) {
  Network network = network_of(config);
  initialize(*network, 1);
  Optimizer optimizer(config.train, *network);
  TensorMap before;
  for (const auto& item : network->named_parameters()) {
    before[item.key()] = item.value().detach().clone();
    item.value().mutable_grad() = torch::full_like(item.value(), gradient);
  }
  optimizer.step(kStep);
  TensorMap changes;
  for (const auto& item : network->named_parameters()) changes[item.key()] = item.value().detach() - before[item.key()];
  return changes;
}

TEST(Optimizer, EncoderAndDecoderHaveTheirLearningRates) {
  const auto config =
      config_with(concat(kPlainSgd, ", weight_decay: 0, encoder_lr_factor: 0.25, decoder_lr_factor: 2"));
  for (const auto& [name, changes] : parameter_changes(*config, 1)) {
    const std::string part = part_of(name);
    const double factor = part == "encoder" || part == "bottleneck" ? 0.25 : 2;
    EXPECT_TRUE(torch::allclose(changes, torch::full_like(changes, -kStep * factor), 1e-5)) << name;
  }
}

TEST(Optimizer, EveryTensorOfTheNetworkBelongsToAPart) {
  std::map<std::string, int> found;
  for (const auto& item : weights_of(*network_of(*config_with("lr: 1")))) ++found[part_of(item.first)];
  EXPECT_EQ(found.size(), network_parts().size());
  for (const std::string& part : network_parts()) EXPECT_GT(found[part], 0) << part;
}

TEST(Optimizer, WeightDecayOnWeightsExcludesNormsAndBiases) {
  const std::string options = concat(kPlainSgd, ", weight_decay: 0.1, weight_decay_on: ");
  const auto all = config_with(options + "all"), weights = config_with(options + "weights");
  const auto changes = parameter_changes(*weights, 0);
  size_t norms_and_biases = 0;
  for (const auto& [name, with_all] : parameter_changes(*all, 0)) {
    const bool has_one_dimension = with_all.dim() == 1;
    norms_and_biases += has_one_dimension ? 1 : 0;
    EXPECT_EQ(has_one_dimension, name.find(".norm") != std::string::npos || name.rfind(".bias") != std::string::npos)
        << name;
    EXPECT_TRUE(torch::equal(changes.at(name), has_one_dimension ? torch::zeros_like(with_all) : with_all)) << name;
    EXPECT_TRUE(name.find(".weight") == std::string::npos || with_all.abs().max().item<float>() > 0) << name;
  }
  EXPECT_GT(norms_and_biases, 0u);
}

TEST(Optimizer, AParameterCountsOnlyItsOwnSteps) {
  for (const std::string& rule : optimizer_rules().names()) {
    const auto config = config_with("weight_decay: 0.01, optimizer: " + rule);
    Network late = network_of(*config), fresh = network_of(*config);
    for (Network* network : {&late, &fresh}) initialize(**network, 1);
    Optimizer late_optimizer(config->train, *late), fresh_optimizer(config->train, *fresh);
    for (int i = 0; i < 5; ++i) {  // only the head has gradients
      late->named_parameters()["head.bias"].mutable_grad() = torch::ones({3});
      late_optimizer.step(kStep);
    }
    for (auto* network : {&late, &fresh})
      (*network)->named_parameters()["encoder.0.norm1.bias"].mutable_grad() = torch::ones({4});
    late_optimizer.step(kStep);
    fresh_optimizer.step(kStep);
    EXPECT_TRUE(torch::equal(late->named_parameters()["encoder.0.norm1.bias"],
                             fresh->named_parameters()["encoder.0.norm1.bias"]))
        << rule;
  }
}

TEST(Optimizer, AStateWithoutStepCountsUsesTheGivenStep) {
  const auto config = config_with("optimizer: adam");
  Network network = network_of(*config);
  Optimizer optimizer(config->train, *network);
  network->named_parameters()["head.bias"].mutable_grad() = torch::ones({3});
  for (int i = 0; i < 4; ++i) optimizer.step(kStep);
  TensorMap state = optimizer.state();
  EXPECT_EQ(state.at("head.bias/step").item<int64_t>(), 4);
  state.erase("head.bias/step");
  optimizer.load_state(state, 17);
  EXPECT_EQ(optimizer.state().at("head.bias/step").item<int64_t>(), 17);
}

TEST(Optimizer, AStateThatFitsNoParameterIsRefused) {
  const auto config = config_with("optimizer: adam");
  Network network = network_of(*config);
  Optimizer optimizer(config->train, *network);
  for (const char* key : {"head.bias/exp_avg", "head.bia/exp_avg", "head.bias/step", "exp_avg"}) {
    const std::string text = error_text(ErrorKind::data, [&] { optimizer.load_state({{key, torch::zeros({4})}}, 0); });
    EXPECT_EQ(text.rfind(concat("[optimizer] state '", key, "' of shape [4]"), 0), 0u) << text;
  }
}

/// Computes the gradients of one batch.
TensorMap gradients(const Config& config, bool clip) {
  Learner learner(config, {0.5, 0.3, 0.2}, 3, choose_execution("cpu", Precision::fp32));
  learner.freeze_for(0);
  learner.begin_step();
  torch::manual_seed(3);
  learner.add_gradients(torch::randn({2, 3, 32, 32}), {torch::randint(0, 3, {2, 32, 32}, torch::kLong)});
  if (clip) learner.clip_gradients();
  TensorMap all;
  for (const auto& item : learner.network().named_parameters())
    all[item.key()] = item.value().grad() * learner.gradient_factor();
  return all;
}

/// Clips gradients with LibTorch's functions, by value first.
TensorMap clipped(const TensorMap& gradients, double value, double norm) {
  std::vector<torch::Tensor> parameters;
  for (const auto& [name, gradient] : gradients) {
    parameters.push_back(torch::zeros_like(gradient).requires_grad_());
    parameters.back().mutable_grad() = gradient.clone();
  }
  if (value > 0) torch::nn::utils::clip_grad_value_(parameters, value);
  if (norm > 0) torch::nn::utils::clip_grad_norm_(parameters, norm);
  TensorMap all;
  size_t i = 0;
  for (const auto& item : gradients) all[item.first] = parameters[i++].grad();
  return all;
}

TEST(Optimizer, GradientsAreClippedAsInPyTorchByValueThenByNorm) {
  const auto plain = gradients(*config_with("clip_grad_norm: 0"), false);
  double largest = 0;
  for (const auto& [name, gradient] : plain) largest = std::max(largest, gradient.abs().max().item<double>());
  for (const double value : {0.0, 0.1 * largest})
    for (const double norm : {0.0, 0.1 * largest, 1000.0}) {
      const auto config = config_with(concat("clip_grad_value: ", value, ", clip_grad_norm: ", norm));
      const auto expected = clipped(plain, config->train.clip_grad_value, config->train.clip_grad_norm);
      for (const auto& [name, gradient] : gradients(*config, true))
        EXPECT_LE((gradient - expected.at(name)).abs().max().item<double>(), 1e-5 * largest)
            << name << " with value " << value << " and norm " << norm;
    }
}

TEST(Optimizer, AGradientThatIsNotFiniteIsNotHiddenByClipping) {
  const auto config = config_with("clip_grad_value: 0.1");
  Learner learner(*config, {0.5, 0.3, 0.2}, 3, choose_execution("cpu", Precision::fp32));
  for (const double bad : {INFINITY, NAN}) {
    learner.network().named_parameters()["head.bias"].mutable_grad() = torch::full({3}, bad);
    EXPECT_FALSE(std::isfinite(learner.clip_gradients()));
    EXPECT_EQ(learner.optimizer().nonfinite_gradients(), std::vector<std::string>{"head.bias"});
  }
}

}  // namespace
}  // namespace unet
