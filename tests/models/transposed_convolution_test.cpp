// Definition of the transposed convolution, and comparison with LibTorch's.

#include "models/fused/transposed_convolution/transposed_convolution.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/support/golden.h"

namespace unet {
namespace {

constexpr double kFloatTolerance = 1e-5;    // fp32
constexpr double kDoubleTolerance = 1e-12;  // fp64

op::ConvTranspose2d conv_transpose(int64_t kernel_size, int64_t stride, int64_t padding = 0, int64_t output_padding = 0,
                                   int64_t dilation = 1, int64_t groups = 1) {
  op::ConvTranspose2d o{4, 2};
  o.kernel_size = {kernel_size, kernel_size};
  o.stride = {stride, stride};
  o.padding = {padding, padding};
  o.output_padding = {output_padding, output_padding};
  o.dilation = {dilation, dilation};
  o.groups = groups;
  return o;
}

bool is_valid(const op::ConvTranspose2d& o, int64_t height, int64_t width) {
  for (size_t axis = 0; axis < 2; ++axis)
    if (o.output_padding[axis] >= std::max(o.stride[axis], o.dilation[axis])) return false;
  return op::output_size(height, o, 0) > 0 && op::output_size(width, o, 1) > 0;
}

/// LibTorch's transposed convolution.
torch::Tensor libtorch_conv_transpose(const op::ConvTranspose2d& o, const torch::Tensor& x, const torch::Tensor& weight,
                                      const torch::Tensor& bias) {
  return torch::conv_transpose2d(x, weight, bias, o.stride, o.padding, o.output_padding, o.groups, o.dilation);
}

torch::Tensor random_weight(const op::ConvTranspose2d& o) {
  return torch::randn({o.in_channels, o.out_channels / o.groups, o.kernel_size[0], o.kernel_size[1]});
}

/// Returns the output and the gradients of x, weight and bias for an upstream gradient of varied values.
template <class Forward>
std::vector<torch::Tensor> run_conv_transpose(const op::ConvTranspose2d& o, const std::vector<torch::Tensor>& given,
                                              const Forward& forward) {
  std::vector<torch::Tensor> leaves;
  for (const auto& tensor : given) leaves.push_back(tensor.clone().requires_grad_());
  const auto output = forward(o, leaves[0], leaves[1], leaves.size() > 2 ? leaves[2] : torch::Tensor());
  const auto upstream = torch::arange(output.numel(), output.options()).reshape(output.sizes()).sin();
  std::vector<torch::Tensor> results{output.detach()};
  for (auto& gradient : torch::autograd::grad({output}, leaves, {upstream})) results.push_back(gradient);
  return results;
}

void expect_libtorch_result(const op::ConvTranspose2d& o, const torch::Tensor& x, bool bias) {
  std::vector<torch::Tensor> given{x, random_weight(o).to(x.scalar_type())};
  if (bias) given.push_back(torch::randn({o.out_channels}, x.options()));
  const auto ours = run_conv_transpose(o, given, [](const auto&... tensors) { return conv_transpose2d(tensors...); });
  const auto theirs = run_conv_transpose(o, given, libtorch_conv_transpose);
  const double tolerance = x.scalar_type() == torch::kDouble ? kDoubleTolerance : kFloatTolerance;
  for (size_t i = 0; i < theirs.size(); ++i) EXPECT_LE(relative_difference(ours[i], theirs[i]), tolerance) << i;
}

TEST(TransposedConvolution, MatchesLibTorchInThousandsOfCombinations) {
  torch::manual_seed(0);
  const int64_t sizes[][2] = {{1, 1}, {2, 5}, {7, 3}};
  int64_t tried = 0;
  for (int64_t kernel_size = 1; kernel_size <= 5; ++kernel_size)
    for (int64_t stride = 1; stride <= 4; ++stride)
      for (int64_t padding = 0; padding <= 3; ++padding)
        for (int64_t output_padding = 0; output_padding <= 2; ++output_padding)
          for (int64_t dilation = 1; dilation <= 3; ++dilation)
            for (const int64_t groups : {1, 2})
              for (const auto& [height, width] : sizes) {
                const auto o = conv_transpose(kernel_size, stride, padding, output_padding, dilation, groups);
                if (!is_valid(o, height, width)) continue;
                SCOPED_TRACE(testing::Message()
                             << "kernel_size " << kernel_size << " stride " << stride << " padding " << padding
                             << " output_padding " << output_padding << " dilation " << dilation << " groups " << groups
                             << " of " << height << "x" << width);
                expect_libtorch_result(o, torch::randn({1, 4, height, width}, torch::kDouble), tried % 2 == 0);
                ++tried;
              }
  EXPECT_GT(tried, 2000);
}

TEST(TransposedConvolution, SettingsMayDifferBetweenHeightAndWidth) {
  torch::manual_seed(0);
  op::ConvTranspose2d o{4, 6};
  o.kernel_size = {2, 3};
  o.stride = {3, 1};
  o.padding = {1, 0};
  o.output_padding = {2, 0};
  o.dilation = {1, 2};
  expect_libtorch_result(o, torch::randn({2, 4, 3, 5}), true);
}

TEST(TransposedConvolution, MatchesLibTorchInSinglePrecision) {
  torch::manual_seed(0);
  for (const auto& o : {conv_transpose(2, 2), conv_transpose(3, 3), conv_transpose(4, 2, 1), conv_transpose(3, 2, 1, 1),
                        conv_transpose(2, 2, 1, 0, 3), conv_transpose(2, 2, 0, 0, 1, 2)})
    for (const auto& shape : std::vector<std::vector<int64_t>>{{1, 4, 1, 1}, {2, 4, 5, 7}, {3, 4, 1, 6}, {1, 4, 9, 2}})
      expect_libtorch_result(o, torch::randn(shape), true);
}

TEST(TransposedConvolution, TheSizeFormulaMatchesLibTorch) {
  int64_t tried = 0;
  const auto options = torch::dtype(torch::kFloat);
  for (int64_t size = 1; size <= 6; ++size)
    for (int64_t kernel_size = 1; kernel_size <= 5; ++kernel_size)
      for (int64_t stride = 1; stride <= 4; ++stride)
        for (int64_t padding = 0; padding <= 3; ++padding)
          for (int64_t output_padding = 0; output_padding <= 2; ++output_padding)
            for (int64_t dilation = 1; dilation <= 3; ++dilation) {
              op::ConvTranspose2d o = conv_transpose(kernel_size, stride, padding, output_padding, dilation);
              if (!is_valid(o, size, size)) continue;
              const auto output = libtorch_conv_transpose(o, torch::zeros({1, 4, size, size}, options),
                                                          torch::zeros({4, 2, kernel_size, kernel_size}, options), {});
              EXPECT_EQ(output.size(2), op::output_size(size, o, 0));
              EXPECT_EQ(output.size(3), op::output_size(size, o, 1));
              ++tried;
            }
  EXPECT_GT(tried, 3000);
}

/// Well-known sizes. A tutorial forgets the output_padding of 1 that 16 -> 32 needs with kernel 3, stride 2, padding 1.
TEST(TransposedConvolution, HasTheWellKnownSizes) {
  EXPECT_EQ(op::output_size(3, conv_transpose(2, 2), 0), 6);
  EXPECT_EQ(op::output_size(32, conv_transpose(2, 2), 0), 64);
  EXPECT_EQ(op::output_size(64, conv_transpose(2, 2), 0), 128);
  EXPECT_EQ(op::output_size(2, conv_transpose(3, 2), 0), 5);
  EXPECT_EQ(op::output_size(16, conv_transpose(3, 2, 1), 0), 31);
  EXPECT_EQ(op::output_size(16, conv_transpose(3, 2, 1, 1), 0), 32);
  EXPECT_EQ(op::output_size(16, conv_transpose(4, 2, 1), 0), 32);
}

/// Transposed convolution of one channel without bias.
torch::Tensor transposed(const torch::Tensor& map, const torch::Tensor& kernel, int64_t stride, int64_t padding = 0) {
  op::ConvTranspose2d o = conv_transpose(kernel.size(0), stride, padding);
  o.in_channels = o.out_channels = 1;
  return conv_transpose2d(o, map.view({1, 1, map.size(0), map.size(1)}),
                          kernel.view({1, 1, kernel.size(0), kernel.size(1)}), {})
      .squeeze(0)
      .squeeze(0);
}

torch::Tensor convolved(const torch::Tensor& map, const torch::Tensor& kernel, int64_t stride, int64_t padding) {
  return torch::conv2d(map.view({1, 1, map.size(0), map.size(1)}), kernel.view({1, 1, kernel.size(0), kernel.size(1)}),
                       {}, stride, padding)
      .squeeze(0)
      .squeeze(0);
}

TEST(TransposedConvolution, EqualsTheConvolutionOfThePaddedMapWithTheRotatedKernel) {
  const auto map = torch::tensor({{1.0F, 0.0F}, {2.0F, 1.0F}});
  const auto kernel = torch::tensor({{1.0F, 0.0F, 1.0F}, {0.0F, 1.0F, 1.0F}, {1.0F, 0.0F, 0.0F}});
  const auto rotated = kernel.flip({0, 1});  // by 180 degrees
  // By hand: each value of the map adds the kernel times that value, with its corner at the same place.
  const auto expected = torch::tensor(
      {{1.0F, 0.0F, 1.0F, 0.0F}, {2.0F, 2.0F, 3.0F, 1.0F}, {1.0F, 2.0F, 3.0F, 1.0F}, {2.0F, 1.0F, 0.0F, 0.0F}});
  EXPECT_TRUE(torch::equal(transposed(map, kernel, 1), expected)) << transposed(map, kernel, 1);
  EXPECT_TRUE(torch::equal(convolved(map, rotated, 1, 2), expected));
}

TEST(TransposedConvolution, EqualsZeroInsertionAndConvolutionWithTheFlippedKernel) {
  torch::manual_seed(0);
  for (const int64_t stride : {1, 2, 3})
    for (const int64_t kernel_size : {2, 3, 4})
      for (const int64_t padding : {0, 1}) {
        const auto map = torch::randn({4, 5}), kernel = torch::randn({kernel_size, kernel_size});
        auto spread = torch::zeros({(map.size(0) - 1) * stride + 1, (map.size(1) - 1) * stride + 1});
        spread.slice(0, 0, spread.size(0), stride).slice(1, 0, spread.size(1), stride).copy_(map);
        const auto expected = convolved(spread, kernel.flip({0, 1}), 1, kernel_size - 1 - padding);
        EXPECT_LE(relative_difference(transposed(map, kernel, stride, padding), expected), kFloatTolerance);
      }
}

TEST(TransposedConvolution, IsTheGradientOfTheConvolutionWithRespectToItsInput) {
  torch::manual_seed(0);
  const auto kernel = torch::randn({3, 3});
  auto image = torch::randn({9, 7}).requires_grad_();  // (9 - 3) / 2 + 1 = 4 and 3, without a remainder
  const auto result = convolved(image, kernel, 2, 0);
  const auto upstream = torch::randn(result.sizes());
  const auto gradient = torch::autograd::grad({result}, {image}, {upstream})[0];
  EXPECT_LE(relative_difference(transposed(upstream, kernel, 2), gradient), kFloatTolerance);
}

TEST(TransposedConvolution, IsTheTransposeOfTheConvolutionMatrix) {
  torch::manual_seed(0);
  const auto kernel = torch::randn({3, 3});
  const int64_t side = 5, result_side = 2;  // (5 - 3) / 2 + 1
  const auto matrix = torch::zeros({result_side * result_side, side * side});
  for (int64_t i = 0; i < side * side; ++i) {
    auto unit = torch::zeros({side * side});
    unit[i] = 1;
    matrix.select(1, i).copy_(convolved(unit.view({side, side}), kernel, 2, 0).reshape({-1}));
  }
  const auto map = torch::randn({result_side, result_side});
  const auto expected = matrix.t().matmul(map.reshape({-1})).view({side, side});
  EXPECT_LE(relative_difference(transposed(map, kernel, 2), expected), kFloatTolerance);
}

TEST(TransposedConvolution, DoesNotInvertTheConvolution) {
  torch::manual_seed(0);
  const auto kernel = torch::randn({3, 3}), image = torch::randn({5, 5});
  const auto back = transposed(convolved(image, kernel, 2, 0), kernel, 2);
  EXPECT_EQ(back.sizes(), image.sizes());
  EXPECT_GT(relative_difference(back, image), 0.1);
}

TEST(TransposedConvolution, RunsInBfloat16AndChannelsLast) {
  torch::manual_seed(0);
  for (const auto& o : {conv_transpose(2, 2), conv_transpose(4, 2, 1), conv_transpose(3, 2, 1, 1)}) {
    const auto x = torch::randn({2, 4, 6, 5}), weight = random_weight(o), bias = torch::randn({2});
    const auto expected = libtorch_conv_transpose(o, x, weight, bias);
    const auto half = [](const torch::Tensor& tensor) { return tensor.to(torch::kBFloat16); };
    const auto output =
        conv_transpose2d(o, half(x).contiguous(at::MemoryFormat::ChannelsLast), half(weight), half(bias));
    EXPECT_EQ(output.scalar_type(), torch::kBFloat16);
    EXPECT_EQ(output.stride(1), 1) << "channels_last";
    EXPECT_LE(relative_difference(output, expected), 0.02);
  }
}

}  // namespace
}  // namespace unet
