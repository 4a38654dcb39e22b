#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "models/graph/costs.h"
#include "tests/support/random_network.h"

namespace unet {
namespace {

TEST(NodeCosts, MultiplyAddsMatchACountByHand) {
  UNetOptions options;
  options.num_classes = 2;
  options.depth = 1;
  options.base_channels = 2;
  // Per pixel at 4x4: encoder 2*1*9 + 2*2*9, decoder 2*4*9 + 2*2*9, head 2*2. Per pixel at 2x2: bottleneck
  // 4*2*9 + 4*4*9, and the transposed convolution from 4 channels to 2x2 pixels of 2 channels.
  const int64_t expected = 16 * (18 + 36 + 72 + 36 + 4) + 4 * (72 + 144) + 4 * 4 * 2 * 4;
  int64_t counted = 0;
  for (const NodeCost& cost : node_costs(describe_unet(options, 1), 4, 4)) counted += cost.multiply_adds;
  EXPECT_EQ(counted, expected);
}

TEST(NodeCosts, MultiplyAddsAreProportionalToThePaddedPixels) {
  const auto sum = [](int64_t height, int64_t width) {
    int64_t counted = 0;
    for (const NodeCost& cost : node_costs(describe_unet(small_unet("batch", "relu"), 3), height, width))
      counted += cost.multiply_adds;
    return counted;
  };
  EXPECT_EQ(6 * sum(16, 16), sum(32, 48));
  EXPECT_EQ(sum(9, 16), sum(12, 16)) << "padded to a multiple of 4";
}

/// Measures how many rows of the image a row of the output depends on, by changing one row at a time. Weights are
/// positive, so that changes cannot cancel.
int64_t measured_receptive_field(const UNetOptions& options, int64_t rows) {
  const torch::NoGradGuard no_grad;
  Network network(describe_unet(options, 1));
  for (auto& parameter : network->parameters()) parameter.fill_(0.1);
  network->to(torch::kDouble);
  network->eval();
  const int64_t width = unet_minimum_size(options);
  const auto plain = torch::ones({1, 1, rows, width}, torch::kDouble);
  const auto expected = network->forward(plain).select(1, 0).select(2, width / 2);  // (1, rows)
  auto changed = plain.repeat({rows, 1, 1, 1});
  for (int64_t row = 0; row < rows; ++row) changed[row].select(1, row).fill_(1e6);
  const auto differs = network->forward(changed).select(1, 0).select(2, width / 2).ne(expected);  // (row, output row)
  int64_t largest = 0;
  for (int64_t row = rows / 4; row < 3 * rows / 4; ++row)
    largest = std::max(largest, differs.select(1, row).sum().item<int64_t>());
  return largest;
}

TEST(NodeCosts, TheReceptiveFieldMatchesAMeasurement) {
  for (const int64_t depth : {1, 2, 3}) {
    UNetOptions options = small_unet("none", "relu", 1);
    options.depth = depth;
    options.base_channels = 2;
    const int64_t expected = node_costs(describe_unet(options, 1), 64, 64).back().receptive_field;
    EXPECT_EQ(measured_receptive_field(options, 256), expected) << "depth " << depth;
  }
}

}  // namespace
}  // namespace unet
