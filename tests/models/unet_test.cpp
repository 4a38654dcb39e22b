#include "models/unet/unet.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "models/execution/network.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

UNetOptions small_options() {
  UNetOptions options;
  options.num_classes = 3;
  options.depth = 2;
  options.base_channels = 4;
  return options;
}

Network network_of(const UNetOptions& options, int64_t in_channels = 3, uint64_t seed = 0) {
  Network network(describe_unet(options, in_channels));
  initialize(*network, seed);
  return network;
}

torch::Tensor evaluated(Network& network, const torch::Tensor& images) {
  torch::NoGradGuard no_grad;
  network->eval();
  return network->forward(images);
}

bool has_dropout(const Graph& graph) {
  for (const Node& node : graph.nodes())
    if (std::holds_alternative<op::Dropout>(node.op)) return true;
  return false;
}

TEST(UNet, EveryNormTrainsOnTheSmallestImage) {
  for (const char* norm : {"batch", "instance", "group", "none"}) {
    auto options = small_options();
    options.depth = 4;
    options.base_channels = 2;
    options.norm = enum_value<NormMode>(norm);
    auto network = network_of(options);
    network->train();
    EXPECT_NO_THROW(network->forward(torch::randn({1, 3, 1, 1})).sum().backward()) << norm;
  }
}

TEST(UNet, EveryNormAndActivationReachesEveryParameter) {
  for (const char* norm : {"batch", "instance", "group", "none"}) {
    for (const char* activation : {"relu", "leaky_relu", "elu", "silu", "gelu"}) {
      auto options = small_options();
      options.norm = enum_value<NormMode>(norm);
      options.activation = enum_value<op::ActivationKind>(activation);
      auto network = network_of(options);
      torch::manual_seed(1);
      network->forward(torch::randn({2, 3, 16, 16})).square().sum().backward();
      for (const auto& parameter : network->named_parameters())
        EXPECT_GT(parameter.value().grad().abs().max().item<double>(), 0)
            << norm << " " << activation << " " << parameter.key();
    }
  }
}

TEST(UNet, GradientsDoNotDependOnTheMemoryFormat) {
  const auto gradients = [](const UNetOptions& options, torch::MemoryFormat format) {
    auto network = network_of(options);
    for (auto& parameter : network->parameters())
      if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(format));
    torch::manual_seed(1);
    network->forward(torch::randn({2, 3, 16, 16}).contiguous(format)).square().mean().backward();
    std::vector<torch::Tensor> all;
    for (const auto& parameter : network->parameters()) all.push_back(parameter.grad());
    return all;
  };
  for (const char* norm : {"batch", "instance", "group", "none"}) {
    for (const char* activation : {"relu", "leaky_relu", "elu", "silu", "gelu"}) {
      auto options = small_options();
      options.norm = enum_value<NormMode>(norm);
      options.activation = enum_value<op::ActivationKind>(activation);
      const auto one = gradients(options, torch::MemoryFormat::Contiguous);
      const auto other = gradients(options, torch::MemoryFormat::ChannelsLast);
      for (size_t i = 0; i < one.size(); ++i)
        EXPECT_TRUE(torch::allclose(one[i], other[i], 1e-3, 1e-4)) << norm << " " << activation << " " << i;
    }
  }
}

TEST(UNet, ChannelsDoubleDownToTheLimit) {
  auto options = small_options();
  options.depth = 4;
  options.max_channels = 20;
  std::vector<int64_t> channels;
  for (int64_t level = 0; level <= options.depth; ++level) channels.push_back(unet_channels(options, level));
  EXPECT_EQ(channels, (std::vector<int64_t>{4, 8, 16, 20, 20}));
}

TEST(UNet, MinimumSizeLeavesTwoPixelsAtTheBottleneck) {
  auto options = small_options();
  EXPECT_EQ(unet_minimum_size(options), 8);
  options.depth = 4;
  EXPECT_EQ(unet_minimum_size(options), 32);
}

TEST(UNet, ParametersAreNamedAfterTheirPlace) {
  auto options = small_options();
  options.depth = 1;
  auto network = network_of(options);
  const std::vector<std::string> expected{"encoder.0.conv1.weight",
                                          "encoder.0.norm1.weight",
                                          "encoder.0.norm1.bias",
                                          "encoder.0.conv2.weight",
                                          "encoder.0.norm2.weight",
                                          "encoder.0.norm2.bias",
                                          "bottleneck.conv1.weight",
                                          "bottleneck.norm1.weight",
                                          "bottleneck.norm1.bias",
                                          "bottleneck.conv2.weight",
                                          "bottleneck.norm2.weight",
                                          "bottleneck.norm2.bias",
                                          "decoder.0.up.weight",
                                          "decoder.0.up.bias",
                                          "decoder.0.conv1.weight",
                                          "decoder.0.norm1.weight",
                                          "decoder.0.norm1.bias",
                                          "decoder.0.conv2.weight",
                                          "decoder.0.norm2.weight",
                                          "decoder.0.norm2.bias",
                                          "head.weight",
                                          "head.bias"};
  EXPECT_EQ(network->named_parameters().keys(), expected);
}

TEST(UNet, WithoutNormEveryConvolutionHasABias) {
  auto options = small_options();
  options.norm = NormMode::none;
  auto network = network_of(options);
  const auto parameters = network->named_parameters();
  EXPECT_TRUE(parameters.contains("encoder.0.conv1.bias"));
  EXPECT_FALSE(parameters.contains("encoder.0.norm1.weight"));
}

TEST(UNet, GroupsDivideTheChannels) {
  auto options = small_options();
  options.base_channels = 6;
  options.norm = NormMode::group;
  options.norm_groups = 8;
  auto network = network_of(options);
  EXPECT_NO_THROW(evaluated(network, torch::randn({1, 3, 8, 8})));
}

TEST(UNet, TheSeedDecidesTheWeights) {
  auto first = network_of(small_options(), 3, 7);
  auto same_seed = network_of(small_options(), 3, 7);
  auto other_seed = network_of(small_options(), 3, 8);
  const auto head = [](Network& network) { return network->named_parameters()["head.weight"]; };
  const auto first_weights = first->parameters();
  const auto same_seed_weights = same_seed->parameters();
  for (size_t i = 0; i < first_weights.size(); ++i)
    EXPECT_TRUE(torch::equal(first_weights[i], same_seed_weights[i])) << i;
  EXPECT_FALSE(torch::equal(head(first), head(other_seed)));
}

TEST(UNet, InitializationDoesNotUseTheGlobalGenerator) {
  torch::manual_seed(3);
  const auto expected = torch::rand({4});
  torch::manual_seed(3);
  Network network(describe_unet(small_options(), 3));
  torch::manual_seed(3);
  initialize(*network, 11);
  EXPECT_TRUE(torch::equal(torch::rand({4}), expected));
}

TEST(UNet, WeightsHaveHeInitialization) {
  auto options = small_options();
  options.base_channels = 64;
  auto network = network_of(options);
  int transposed = 0;
  for (const auto& parameter : network->named_parameters()) {
    const auto& weight = parameter.value();
    if (weight.dim() != 4 || weight.numel() < 10000) continue;
    const bool is_up = parameter.key().find(".up.") != std::string::npos;
    transposed += is_up ? 1 : 0;
    // One value of each input channel reaches one output of a 2x2 transposed convolution with stride 2.
    const auto fan_in = static_cast<double>(is_up ? weight.size(0) : weight[0].numel());
    const double expected = std::sqrt(2 / fan_in);
    EXPECT_NEAR(weight.std().item<double>(), expected, 0.05 * expected) << parameter.key();
    EXPECT_NEAR(weight.mean().item<double>(), 0, 0.05 * expected) << parameter.key();
  }
  EXPECT_EQ(transposed, 2);
}

TEST(UNet, DropoutIsActiveOnlyInTraining) {
  auto options = small_options();
  options.dropout = 0.5;
  auto network = network_of(options);
  const auto images = torch::randn({1, 3, 16, 16});
  EXPECT_TRUE(torch::equal(evaluated(network, images), evaluated(network, images)));
  network->train();
  EXPECT_FALSE(torch::equal(network->forward(images), network->forward(images)));
}

TEST(UNet, DropoutIsAbsentFromTheGraphAtZero) {
  auto options = small_options();
  EXPECT_FALSE(has_dropout(describe_unet(options, 3)));
  options.dropout = 0.1;
  EXPECT_TRUE(has_dropout(describe_unet(options, 3)));
}

TEST(UNet, CannotBeDescribedWithoutANumberOfClasses) {
  const std::string text = error_text(ErrorKind::internal, [] { describe_unet(UNetOptions{}, 3); });
  EXPECT_NE(text.find("model.num_classes"), std::string::npos) << text;
}

TEST(Graph, RefusesANodeWhoseChannelsDoNotFit) {
  Graph graph;
  const Value image = graph.add("input", op::Input{3}, {});
  EXPECT_EQ(error_text(ErrorKind::internal,
                       [&] {
                         graph.add("head", op::Conv2d{4, 1}, {image});
                       }),
            "[graph] head: got 3 channels, expected 4");
}

}  // namespace
}  // namespace unet
