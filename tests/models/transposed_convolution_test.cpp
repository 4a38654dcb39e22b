#include "models/transposed_convolution.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "tests/support/golden.h"

namespace unet {
namespace {

using torch::nn::ConvTranspose2d;
using torch::nn::ConvTranspose2dOptions;

constexpr double kTolerance = 1e-5;

struct Result {
  torch::Tensor output;
  std::vector<torch::Tensor> gradients;  ///< of the input, then of the parameters
};

/// A forward and a backward pass; the upstream gradient differs from pixel to pixel.
template <class Forward>
Result run(ConvTranspose2d& module, const torch::Tensor& x, const Forward& forward) {
  const auto input = x.clone().requires_grad_();
  const auto output = forward(*module, input);
  const auto upstream = torch::arange(output.numel(), torch::kFloat).reshape(output.sizes()).sin();
  std::vector<torch::Tensor> leaves{input};
  for (const auto& parameter : module->parameters()) leaves.push_back(parameter);
  return {output.detach(), torch::autograd::grad({output}, leaves, {upstream})};
}

void expect_same(ConvTranspose2d& module, const torch::Tensor& x) {
  const auto ours = run(module, x, [](auto& m, const auto& input) { return conv_transpose2d(m, input); });
  const auto theirs = run(module, x, [](auto& m, const auto& input) { return m.forward(input); });
  EXPECT_LE(relative_difference(ours.output, theirs.output), kTolerance);
  for (size_t i = 0; i < theirs.gradients.size(); ++i)
    EXPECT_LE(relative_difference(ours.gradients[i], theirs.gradients[i]), kTolerance) << "gradient " << i;
}

TEST(TransposedConvolution, ComputesWhatTheModuleDoes) {
  torch::manual_seed(0);
  for (const int64_t kernel : {2, 3, 4}) {
    for (const bool bias : {true, false}) {
      for (const auto& shape :
           std::vector<std::vector<int64_t>>{{1, 1, 1, 1}, {2, 3, 5, 7}, {3, 8, 1, 6}, {1, 5, 9, 2}}) {
        SCOPED_TRACE(testing::Message() << "kernel " << kernel << ", bias " << bias << ", input " << shape);
        ConvTranspose2d module(ConvTranspose2dOptions(shape[1], 3, kernel).stride(kernel).bias(bias));
        expect_same(module, torch::randn(shape));
      }
    }
  }
}

TEST(TransposedConvolution, TakesKernelsThatAreNotSquare) {
  torch::manual_seed(0);
  ConvTranspose2d module(ConvTranspose2dOptions(4, 3, {2, 3}).stride({2, 3}));
  expect_same(module, torch::randn({2, 4, 3, 5}));
}

TEST(TransposedConvolution, LeavesOptionsItCannotServeToTheModule) {
  torch::manual_seed(0);
  const auto x = torch::randn({1, 4, 5, 6});
  for (const auto& options :
       {ConvTranspose2dOptions(4, 2, 3).stride(2), ConvTranspose2dOptions(4, 2, 2).stride(3),
        ConvTranspose2dOptions(4, 2, 2).stride(2).padding(1),
        ConvTranspose2dOptions(4, 2, 2).stride(2).output_padding(1),
        ConvTranspose2dOptions(4, 2, 2).stride(2).dilation(2), ConvTranspose2dOptions(4, 2, 2).stride(2).groups(2)}) {
    ConvTranspose2d module(options);
    EXPECT_TRUE(torch::equal(conv_transpose2d(*module, x), module->forward(x)));
  }
}

TEST(TransposedConvolution, OutputHasKernelTimesTheSize) {
  ConvTranspose2d module(ConvTranspose2dOptions(4, 2, 3).stride(3));
  EXPECT_EQ(conv_transpose2d(*module, torch::zeros({1, 4, 5, 7})).sizes(), (std::vector<int64_t>{1, 2, 15, 21}));
}

TEST(TransposedConvolution, RunsInBfloat16AndChannelsLast) {
  torch::manual_seed(0);
  ConvTranspose2d module(ConvTranspose2dOptions(8, 4, 2).stride(2));
  const auto x = torch::randn({2, 8, 6, 5});
  const auto expected = module->forward(x);
  module->to(torch::kBFloat16);
  const auto output = conv_transpose2d(*module, x.to(torch::kBFloat16).contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_EQ(output.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(output.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_LE(relative_difference(output, expected), 0.02);
}

}  // namespace
}  // namespace unet
