#include "models/recompute/activation_checkpoint.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <map>

#include "models/compat/torch_compat.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/random_network.h"

namespace unet {
namespace {

using Tensors = std::vector<torch::Tensor>;

/// Segment that multiplies by `weight` and records its passes.
Segment product_with(const torch::Tensor& weight, std::vector<Pass>& passes) {
  Segment segment;
  segment.requires_grad = weight.requires_grad();
  segment.run = [weight, &passes](const Tensors& inputs, Pass pass) {
    passes.push_back(pass);
    return Tensors{inputs[0] * weight};
  };
  return segment;
}

TEST(ActivationCheckpoint, RecomputesInTheBackwardPass) {
  std::vector<Pass> passes;
  const auto weight = torch::full({3}, 2.0).requires_grad_();
  const auto x = torch::full({3}, 5.0).requires_grad_();
  const auto y = checkpointed(product_with(weight, passes), {x}).at(0);
  EXPECT_EQ(passes, (std::vector<Pass>{Pass::first}));
  y.sum().backward();
  EXPECT_EQ(passes, (std::vector<Pass>{Pass::first, Pass::recompute}));
  EXPECT_TRUE(torch::equal(weight.grad(), torch::full({3}, 5.0)));
  EXPECT_TRUE(torch::equal(x.grad(), torch::full({3}, 2.0)));
}

TEST(ActivationCheckpoint, ParametersGetGradientsIfTheInputNeedsNone) {
  std::vector<Pass> passes;
  const auto weight = torch::full({3}, 2.0).requires_grad_();
  checkpointed(product_with(weight, passes), {torch::full({3}, 5.0)}).at(0).sum().backward();
  EXPECT_TRUE(torch::equal(weight.grad(), torch::full({3}, 5.0)));
}

TEST(ActivationCheckpoint, NothingIsRecomputedIfNothingLearns) {
  std::vector<Pass> passes;
  const auto y = checkpointed(product_with(torch::ones({3}), passes), {torch::ones({3})}).at(0);
  EXPECT_FALSE(y.requires_grad());
  EXPECT_EQ(passes, (std::vector<Pass>{Pass::first}));
}

TEST(ActivationCheckpoint, AHookOfAParameterIsCalledOnce) {
  std::vector<Pass> passes;
  const auto weight = torch::ones({3}).requires_grad_();
  int calls = 0;
  weight.register_hook([&calls](const torch::Tensor& gradient) {
    ++calls;
    return gradient;
  });
  checkpointed(product_with(weight, passes), {torch::ones({3})}).at(0).sum().backward();
  EXPECT_EQ(calls, 1);
}

TEST(ActivationCheckpoint, RefusesGradientsOfSelectedTensors) {
  std::vector<Pass> passes;
  const auto weight = torch::ones({3}).requires_grad_();
  const auto x = torch::ones({3}).requires_grad_();
  const auto y = checkpointed(product_with(weight, passes), {x}).at(0);
  EXPECT_TRUE(
      contains(error_text(ErrorKind::internal, [&] { torch::autograd::grad({y.sum()}, {x}); }), "expected backward()"));
}

/// Results of one training step.
struct StepTrace {
  std::map<std::string, torch::Tensor> tensors;  ///< logits, gradients by parameter, buffers
  torch::Tensor next_random;

  void expect_equal(const StepTrace& other, const std::string& text) const {
    ASSERT_EQ(tensors.size(), other.tensors.size()) << text;
    for (const auto& [name, tensor] : tensors)
      EXPECT_TRUE(torch::equal(tensor, other.tensors.at(name))) << text << ": " << name;
    EXPECT_TRUE(torch::equal(next_random, other.next_random)) << text;
  }
};

/// Settings of a training step.
struct Case {
  UNetOptions options = small_unet("batch", "relu");
  torch::MemoryFormat format = torch::MemoryFormat::Contiguous;
  bool bf16 = false;
  std::string frozen = "nothing";  ///< prefix of the names of frozen parameters
};

Network training_network(const Case& given, bool checkpoints) {
  Network network = random_network(given.options);
  for (auto& parameter : network->parameters())
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(given.format));
  for (auto& item : network->named_parameters()) item.value().requires_grad_(item.key().rfind(given.frozen, 0) != 0);
  network->train();
  network->checkpoint_activations(checkpoints);
  return network;
}

torch::Tensor images_of(const Case& given, uint64_t seed) {
  torch::manual_seed(seed);
  return torch::randn({3, 3, 24, 20}).contiguous(given.format);
}

torch::Tensor forward(Network& network, const torch::Tensor& images, bool bf16) {
  if (bf16) compat::set_autocast(torch::kCPU, true, torch::kBFloat16);
  auto logits = network->forward(images);
  if (bf16) compat::set_autocast(torch::kCPU, false, torch::kBFloat16);
  at::autocast::clear_cache();
  return logits;
}

void add_state(const Network& network, StepTrace& trace) {
  for (const auto& item : network->named_parameters())
    if (item.value().grad().defined()) trace.tensors["gradient of " + item.key()] = item.value().grad();
  for (const auto& item : network->named_buffers()) trace.tensors[item.key()] = item.value();
  trace.next_random = torch::rand({4});
}

StepTrace one_step(const Case& given, bool checkpoints) {
  Network network = training_network(given, checkpoints);
  const auto images = images_of(given, 5);
  StepTrace trace;
  const auto logits = forward(network, images, given.bf16);
  trace.tensors["logits"] = logits.detach();
  logits.to(torch::kFloat).square().sum().backward();
  add_state(network, trace);
  return trace;
}

void expect_same_step(const Case& given, const std::string& text) {
  const StepTrace expected = one_step(given, false);
  EXPECT_GT(expected.tensors.size(), 1u) << text << ": something learns";
  one_step(given, true).expect_equal(expected, text);
}

TEST(ActivationCheckpoint, StepsAreBitIdentical) {
  for (const char* norm : {"batch", "instance", "group", "none"})
    for (const char* activation : {"relu", "leaky_relu", "elu", "silu", "gelu"})
      for (const auto format : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast})
        for (const bool bf16 : {false, true}) {
          Case given;
          given.options = small_unet(norm, activation);
          given.options.dropout = 0.3;
          given.format = format;
          given.bf16 = bf16;
          expect_same_step(given, concat(norm, " ", activation, bf16 ? " bf16" : " fp32",
                                         format == torch::MemoryFormat::Contiguous ? "" : " channels_last"));
        }
}

TEST(ActivationCheckpoint, StepsWithFrozenParametersAreBitIdentical) {
  for (const char* frozen : {"encoder", "encoder.0.conv1", "encoder.0.norm", "bottleneck", "decoder.0", "decoder"})
    for (const char* norm : {"batch", "group"}) {
      Case given;
      given.options = small_unet(norm, "relu");
      given.frozen = frozen;
      expect_same_step(given, concat(norm, ", frozen: ", frozen));
    }
}

TEST(ActivationCheckpoint, EachStepRecomputesWithItsOwnRandomNumbers) {
  Case given;
  given.options.dropout = 0.5;
  const auto two_steps = [&](bool checkpoints) {
    Network network = training_network(given, checkpoints);
    const auto first_images = images_of(given, 1), second_images = images_of(given, 2);
    StepTrace trace;
    const auto first = forward(network, first_images, false), second = forward(network, second_images, false);
    first.square().sum().backward();
    second.square().sum().backward();
    add_state(network, trace);
    return trace;
  };
  two_steps(true).expect_equal(two_steps(false), "two steps, both forward passes first");
}

TEST(ActivationCheckpoint, IsOffInEvaluationAndWithoutGradients) {
  const Case given;
  Network plain = training_network(given, false), checkpoints = training_network(given, true);
  const auto images = images_of(given, 3);
  {
    const torch::NoGradGuard no_grad;
    EXPECT_TRUE(torch::equal(plain->forward(images), checkpoints->forward(images)));
    EXPECT_FALSE(checkpoints->forward(images).requires_grad());
  }
  checkpoints->eval();
  const auto logits = checkpoints->forward(images);
  EXPECT_NO_THROW(torch::autograd::grad({logits.sum()}, {checkpoints->named_parameters()["encoder.0.conv1.weight"]}));
}

TEST(ActivationCheckpoint, GradientsOutliveTheNetwork) {
  const Case given;
  Network network = training_network(given, true);
  auto weight = network->named_parameters()["encoder.0.conv1.weight"];
  const auto loss = forward(network, images_of(given, 4), false).square().sum();
  network = Network(nullptr);
  loss.backward();
  EXPECT_TRUE(weight.grad().defined());
}

}  // namespace
}  // namespace unet
