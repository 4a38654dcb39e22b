// What every network that can be described keeps, over every row of every table.

#include <gtest/gtest.h>
#include <torch/nn.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "models/compat/torch_compat.h"
#include "models/execution/inference_plan.h"
#include "models/execution/network.h"
#include "models/graph/costs.h"
#include "models/graph/tensors.h"
#include "tests/support/bf16.h"
#include "tests/support/golden.h"
#include "tests/support/network_cases.h"
#include "tests/support/random_network.h"

namespace unet {
namespace {

/// The sum of the logits, each with a weight of its own.
torch::Tensor weighted_sum(const torch::Tensor& logits) {
  return (logits * (1.5 + torch::arange(logits.numel()).reshape(logits.sizes()).sin())).sum();
}

void set_channels_last(NetworkImpl& network) {
  for (auto& parameter : network.parameters())
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
}

class NetworkContract : public testing::TestWithParam<NetworkCase> {
 protected:
  const UNetOptions options_ = GetParam().options();
  Network network_ = random_network(options_);
};

TEST_P(NetworkContract, KeepsTheSizeOfAnyImage) {
  const torch::NoGradGuard no_grad;
  for (int64_t i = 0; i < 20; ++i) {
    const int64_t height = 1 + 7 * i % 40, width = 1 + (i * 11) % 37;
    const auto logits = network_->forward(torch::randn({1, 3, height, width}));
    EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{1, *options_.num_classes, height, width}));
    EXPECT_TRUE(logits.isfinite().all().item<bool>()) << height << "x" << width;
  }
}

TEST_P(NetworkContract, AGradientReachesEveryParameter) {
  network_->train();
  torch::manual_seed(1);
  const auto outputs = network_->forward_all(torch::randn({2, 3, 24, 24}));
  torch::Tensor sum = torch::zeros({});
  for (const auto& output : outputs) {
    EXPECT_EQ(output.sizes(), outputs[0].sizes());
    sum = sum + (output * torch::randn(output.sizes())).sum();
  }
  sum.backward();
  for (const auto& parameter : network_->named_parameters()) {
    ASSERT_TRUE(parameter.value().grad().defined()) << parameter.key();
    EXPECT_GT(parameter.value().grad().abs().max().item<double>(), 0) << parameter.key();
  }
}

/// Gradients keep their direction, where they are not next to nothing.
TEST_P(NetworkContract, RunsInBfloat16) {
  const auto images = torch::randn({2, 3, 24, 24}).contiguous(torch::MemoryFormat::ChannelsLast);
  set_channels_last(*network_);
  network_->train();
  network_->apply([](torch::nn::Module& module) {
    if (auto* norm = module.as<torch::nn::BatchNorm2d>()) norm->eval();  // of few values, its statistics jump
  });
  const auto gradients = [&](bool bf16) {
    compat::set_autocast(torch::kCPU, bf16, torch::kBFloat16);
    network_->zero_grad();
    torch::manual_seed(2);
    const auto logits = network_->forward(images);
    weighted_sum(logits).backward();
    compat::set_autocast(torch::kCPU, false, torch::kBFloat16);
    at::autocast::clear_cache();
    std::map<std::string, torch::Tensor> all{{"logits", logits.detach().to(torch::kFloat)}};
    for (const auto& parameter : network_->named_parameters())
      if (parameter.value().grad().defined()) all[parameter.key()] = parameter.value().grad().clone();
    return all;
  };
  const auto expected = gradients(false), actual = gradients(true);
  double largest = 0;
  for (const auto& [name, tensor] : expected) largest = std::max(largest, tensor.norm().item<double>());
  for (const auto& [name, tensor] : expected) {
    const auto other = actual.at(name);
    EXPECT_EQ(other.scalar_type(), torch::kFloat);
    EXPECT_TRUE(other.isfinite().all().item<bool>()) << name;
    if (tensor.norm().item<double>() < 0.02 * largest) continue;
    // Rounding changes which of two values a ReLU or a pooling lets through, so a wide margin.
    const double norm = tensor.norm().item<double>(), other_norm = other.norm().item<double>();
    EXPECT_GT((tensor * other).sum().item<double>() / (norm * other_norm), 0.2) << name;
    EXPECT_NEAR(other_norm / norm, 1, bf16_sums_are_coarse() ? 0.75 : 0.5) << name;
  }
}

TEST_P(NetworkContract, CostsHaveTheShapesOfEveryNode) {
  const torch::NoGradGuard no_grad;
  const Graph& graph = network_->graph();
  for (const auto& [height, width] : {std::pair<int64_t, int64_t>{24, 24}, {33, 21}, {1, 7}}) {
    const auto costs = node_costs(graph, height, width);
    const auto images = torch::randn({1, 3, height, width});
    for (size_t i = 0; i < costs.size(); ++i) {
      const ImageShape& shape = costs[i].shape;
      EXPECT_EQ(network_->value_of(i, {{0, images}}).sizes().vec(),
                (std::vector<int64_t>{1, shape.channels, shape.height, shape.width}))
          << graph.nodes()[i].name;
    }
  }
}

TEST_P(NetworkContract, TensorsAreThoseOfTheNetwork) {
  std::map<std::string, Shape> actual;
  int64_t parameters = 0, counted = 0;
  for (const auto& item : network_->named_parameters()) {
    actual[item.key()] = item.value().sizes().vec();
    parameters += item.value().numel();
  }
  for (const auto& item : network_->named_buffers()) actual[item.key()] = item.value().sizes().vec();
  EXPECT_EQ(tensor_shapes(network_->graph()), actual);
  for (const NodeCost& cost : node_costs(network_->graph(), 32, 32)) counted += cost.parameters;
  EXPECT_EQ(counted, parameters);
}

TEST_P(NetworkContract, NoPaddingLeavesImagesThatNeedNone) {
  const torch::NoGradGuard no_grad;
  const Graph rest = without_padding(without_auxiliary(network_->graph()));
  ASSERT_TRUE(rest.wanted_padding().has_value());
  const op::Pad pad = unet_padding(options_);
  const PerAxis size{pad.minimum[0] + pad.multiple[0], pad.minimum[1]};
  Network bare(rest);
  for (auto& item : bare->named_parameters()) item.value().copy_(network_->named_parameters()[item.key()]);
  for (auto& item : bare->named_buffers()) item.value().copy_(network_->named_buffers()[item.key()]);
  bare->eval();
  const auto images = torch::randn({2, 3, size[0], size[1]});
  const auto enlarged = network_->value_of(1, {{0, images}});
  EXPECT_TRUE(torch::equal(bare->forward(enlarged), network_->forward(images)));
}

using NamedTensors = std::map<std::string, torch::Tensor>;

/// Logits, gradients and statistics of a training step.
NamedTensors training_step(Network network, const torch::Tensor& images, bool fast) {
  network->use_kernels(fast ? KernelChoice::fused : KernelChoice::libtorch);
  network->train();
  torch::manual_seed(2);  // dropout
  const auto logits = network->forward(images);
  weighted_sum(logits).backward();
  NamedTensors all{{"logits", logits}};
  for (const auto& item : network->named_parameters())
    if (item.value().grad().defined()) all[item.key()] = item.value().grad();
  for (const auto& item : network->named_buffers()) all[item.key()] = item.value();
  return all;
}

/// Names of tensors that differ by more than rounding, with how much.
std::string differences(const NamedTensors& expected, const NamedTensors& actual) {
  double largest = 0;  // of the gradients; rounding is relative to it
  for (const auto& [name, tensor] : expected)
    if (name != "logits") largest = std::max(largest, tensor.abs().max().item<double>());
  std::string text;
  for (const auto& [name, tensor] : expected) {
    const double difference = (actual.at(name) - tensor).abs().max().item<double>();
    // The kernels agree to 1e-5; norms of few values make more of that from layer to layer.
    const double allowed = 5e-4 * std::max(1e-2 * largest, tensor.abs().max().item<double>());
    if (!(difference <= allowed)) text += concat("\n  ", name, ": ", difference, ", allowed ", allowed);
  }
  return text;
}

/// A training step by our own kernels is that by LibTorch's modules. A value that rounding moves to the other side of a
/// ReLU's 0 takes its whole gradient with it, so that of a few images one must agree.
TEST_P(NetworkContract, FastPathsLearnTheSame) {
  std::string all;
  for (int64_t seed = 3; seed < 6; ++seed) {
    Network plain = random_network(options_), fast = random_network(options_);
    for (Network* network : {&plain, &fast}) set_channels_last(**network);
    torch::manual_seed(seed);
    const auto images = torch::randn({2, 3, 40, 24}).contiguous(torch::MemoryFormat::ChannelsLast);
    const auto expected = training_step(plain, images, false), actual = training_step(fast, images, true);
    ASSERT_EQ(expected.size(), actual.size());
    EXPECT_LE(relative_difference(actual.at("logits"), expected.at("logits")), 5e-4);
    const std::string found = differences(expected, actual);
    if (found.empty()) return;
    all += concat("\nseed ", seed, ":", found);
  }
  FAIL() << all;
}

/// Norms folded into packed convolutions give what the modules do, also for images of another size.
TEST_P(NetworkContract, FastPathsInferTheSame) {
  const torch::NoGradGuard no_grad;
  network_->eval();
  for (const auto format : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast}) {
    const ExecutionPlan plan = inference_plan(*network_, {2, 3, 24, 40}, torch::kFloat, format);
    EXPECT_FALSE(plan.empty());
    for (const auto& size : std::vector<std::vector<int64_t>>{{2, 3, 24, 40}, {1, 3, 33, 21}, {1, 3, 1, 7}}) {
      const auto images = torch::randn(size).contiguous(format);
      EXPECT_LE(relative_difference(network_->forward(images, plan), network_->forward(images)), 1e-5)
          << torch::IntArrayRef(size);
    }
  }
}

TEST_P(NetworkContract, FastPathsInferInBfloat16) {
  const torch::NoGradGuard no_grad;
  network_->eval();
  set_channels_last(*network_);
  const std::vector<int64_t> size{2, 3, 32, 24};
  const auto images = torch::randn(size).contiguous(torch::MemoryFormat::ChannelsLast);
  const auto expected = network_->forward(images);
  const ExecutionPlan plan = inference_plan(*network_, size, torch::kBFloat16, torch::MemoryFormat::ChannelsLast);
  compat::set_autocast(torch::kCPU, true, torch::kBFloat16);
  const auto plain = network_->forward(images).to(torch::kFloat);
  const auto fast = network_->forward(images, plan).to(torch::kFloat);
  compat::set_autocast(torch::kCPU, false, torch::kBFloat16);
  at::autocast::clear_cache();
  const auto error = [&](const torch::Tensor& logits) {
    return ((logits - expected).norm() / expected.norm()).item<double>();
  };
  EXPECT_LE(error(fast), 1.5 * error(plain) + 0.01);
}

/// In bf16 and channels_last, LibTorch 1.13 has garbage for the weights' gradient of some convolutions; see `convolve`.
TEST(Network, ConvolutionsOfEveryKindHaveTheirGradientsInBfloat16) {
  torch::manual_seed(0);
  for (const int64_t kernel_size : {1, 3, 5})
    for (const int64_t dilation : {1, 2})
      for (const int64_t groups : {1, 2, 8})
        for (const int64_t stride : {1, 2}) {
          Graph graph;
          const Value image = graph.add("input", op::Input{8}, {});
          graph.add("conv", op::Conv2d{8, 8, kernel_size, 2, true, stride, dilation, groups}, {image});
          Network network(graph);
          const auto images = torch::randn({2, 8, 16, 16}).contiguous(torch::MemoryFormat::ChannelsLast);
          torch::Tensor weight = network->named_parameters()["conv.weight"];
          weight.set_data(weight.contiguous(torch::MemoryFormat::ChannelsLast));
          std::vector<torch::Tensor> gradients;
          for (const bool bf16 : {false, true}) {
            network->zero_grad();
            compat::set_autocast(torch::kCPU, bf16, torch::kBFloat16);
            const auto output = network->forward(images);
            (output * torch::arange(output.numel()).reshape(output.sizes()).sin()).sum().backward();
            compat::set_autocast(torch::kCPU, false, torch::kBFloat16);
            at::autocast::clear_cache();
            gradients.push_back(weight.grad().clone());
          }
          EXPECT_LE(relative_difference(gradients[1], gradients[0]), bf16_sums_are_coarse() ? 0.2 : 0.05)
              << "kernel_size " << kernel_size << " dilation " << dilation << " groups " << groups << " stride "
              << stride;
        }
}

INSTANTIATE_TEST_SUITE_P(Networks, NetworkContract, testing::ValuesIn(network_cases()),
                         [](const auto& info) { return std::string(info.param.name); });

/// A pixel beyond the receptive field changes nothing. Norms over whole images are left out of it; without padding, far
/// pixels are seen in the mirror.
TEST(NodeCosts, TheReceptiveFieldIsAnUpperBoundInEveryNetwork) {
  const torch::NoGradGuard no_grad;
  constexpr int64_t kSide = 192;
  int64_t tried = 0;
  for (const NetworkCase& each : network_cases()) {
    const UNetOptions options = each.options();
    Network network = random_network(options);
    const int64_t field = node_costs(network->graph(), kSide, kSide).back().receptive_field;
    const bool is_global = options.norm == NormMode::instance || options.norm == NormMode::group || field >= kSide;
    if (is_global || options.padding == Padding::valid) continue;
    const auto images = torch::randn({1, 3, kSide, kSide});
    auto changed = images.clone();
    changed.slice(2, 0, kSide - field).fill_(3);  // the last row sees `field` rows at most
    const auto last = [&](const torch::Tensor& x) { return network->forward(x).select(2, kSide - 1).clone(); };
    EXPECT_TRUE(torch::equal(last(images), last(changed))) << each.name;
    ++tried;
  }
  EXPECT_GT(tried, 20);
}

}  // namespace
}  // namespace unet
