// Contract that every network must meet.

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

TEST_P(NetworkContract, CostsHaveTheShapeOfEveryNode) {
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

TEST_P(NetworkContract, TensorShapesMatchTheModules) {
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

TEST_P(NetworkContract, WithoutPaddingImagesThatNeedNoneGiveTheSame) {
  const torch::NoGradGuard no_grad;
  const Graph unpadded = without_padding(without_auxiliary(network_->graph()));
  ASSERT_TRUE(unpadded.wanted_padding().has_value());
  const op::Pad pad = unet_padding(options_);
  const PerAxis size{pad.minimum[0] + pad.multiple[0], pad.minimum[1]};
  Network bare(unpadded);
  for (auto& item : bare->named_parameters()) item.value().copy_(network_->named_parameters()[item.key()]);
  for (auto& item : bare->named_buffers()) item.value().copy_(network_->named_buffers()[item.key()]);
  bare->eval();
  const auto images = torch::randn({2, 3, size[0], size[1]});
  const auto enlarged = network_->value_of(1, {{0, images}});
  EXPECT_TRUE(torch::equal(bare->forward(enlarged), network_->forward(images)));
}

/// Norms are folded into packed convolutions; images of other sizes than planned must work, too.
TEST_P(NetworkContract, FusedInferenceMatchesTheModules) {
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

TEST_P(NetworkContract, FusedInferenceIsAccurateInBfloat16) {
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

/// In bf16 and channels_last, LibTorch 1.13 returns garbage for the weight gradient of some convolutions; see
/// library_faults.h.
TEST(Network, ConvolutionsHaveCorrectWeightGradientsInBfloat16) {
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
          EXPECT_LE(relative_difference(gradients[1], gradients[0]), accumulates_in_bf16() ? 0.2 : 0.05)
              << "kernel_size " << kernel_size << " dilation " << dilation << " groups " << groups << " stride "
              << stride;
        }
}

INSTANTIATE_TEST_SUITE_P(Networks, NetworkContract, testing::ValuesIn(network_cases()),
                         [](const auto& info) { return std::string(info.param.name); });

/// Pixels beyond the receptive field must not matter. Excluded are norms over whole images, and valid padding, which
/// mirrors far pixels into view.
TEST(NodeCosts, TheReceptiveFieldIsAnUpperBoundInEveryNetwork) {
  const torch::NoGradGuard no_grad;
  constexpr int64_t kSide = 192;
  int64_t tried = 0;
  for (const NetworkCase& network_case : network_cases()) {
    const UNetOptions options = network_case.options();
    Network network = random_network(options);
    const int64_t field = node_costs(network->graph(), kSide, kSide).back().receptive_field;
    const bool is_global = options.norm == NormMode::instance || options.norm == NormMode::group || field >= kSide;
    if (is_global || options.padding == Padding::valid) continue;
    const auto images = torch::randn({1, 3, kSide, kSide});
    auto changed = images.clone();
    changed.slice(2, 0, kSide - field).fill_(3);  // the last row sees `field` rows at most
    const auto last = [&](const torch::Tensor& x) { return network->forward(x).select(2, kSide - 1).clone(); };
    EXPECT_TRUE(torch::equal(last(images), last(changed))) << network_case.name;
    ++tried;
  }
  EXPECT_GT(tried, 20);
}

}  // namespace
}  // namespace unet
