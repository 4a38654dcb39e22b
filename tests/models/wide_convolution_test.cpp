#include "models/wide_convolution.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <functional>

#include "configs/schema/error.h"
#include "models/operations.h"
#include "tests/support/bf16.h"

namespace unet {
namespace {

struct Results {
  torch::Tensor y, of_x, of_weight, of_bias;
};

using Convolve = std::function<torch::Tensor(const torch::Tensor&, const torch::Tensor&, const torch::Tensor&)>;

/// Of a convolution and its gradients, from values that bf16 holds.
Results results_of(const op::Conv2d& o, int64_t height, int64_t width, torch::ScalarType type,
                   const Convolve& convolve) {
  torch::manual_seed(o.in_channels + height);
  const auto parameter = [&](const std::vector<int64_t>& sizes) {
    return torch::randn(sizes).to(torch::kBFloat16).to(type).requires_grad_();
  };
  const auto x = torch::randn({2, o.in_channels, height, width})
                     .to(torch::kBFloat16)
                     .to(type)
                     .contiguous(torch::MemoryFormat::ChannelsLast)
                     .requires_grad_();
  const auto weight = parameter({o.out_channels, o.in_channels / o.groups, o.kernel_size, o.kernel_size});
  const auto bias = parameter({o.out_channels});
  const auto y = convolve(x, weight, bias);
  const auto upstream = torch::randn(y.sizes()).to(torch::kBFloat16).to(type);
  y.backward(upstream.contiguous(torch::MemoryFormat::ChannelsLast));
  return {y.detach(), x.grad(), weight.grad(), bias.grad()};
}

void expect_near(const Results& ours, const Results& theirs, const std::string& what) {
  const double most = bf16_sums_are_coarse() ? 0.1 : 0.02;
  const auto near = [&](const torch::Tensor& a, const torch::Tensor& b, const char* name) {
    const double scale = b.abs().max().item<double>();
    EXPECT_LT((a.to(torch::kFloat) - b).abs().max().item<double>(), most * scale) << name << ": " << what;
  };
  near(ours.y, theirs.y, "y");
  near(ours.of_x, theirs.of_x, "gradient of x");
  if (bf16_sums_are_coarse()) return;  // over thousands of pixels nothing is left of a sum
  near(ours.of_weight, theirs.of_weight, "gradient of the weight");
  near(ours.of_bias, theirs.of_bias, "gradient of the bias");
}

op::Conv2d conv2d(int64_t in, int64_t out, int64_t kernel, int64_t padding, int64_t groups = 1) {
  op::Conv2d o;
  o.in_channels = in;
  o.out_channels = out;
  o.kernel_size = kernel;
  o.padding = padding;
  o.groups = groups;
  return o;
}

Results in_fp32(const op::Conv2d& o, int64_t height, int64_t width) {
  return results_of(o, height, width, torch::kFloat, [&](const auto& x, const auto& weight, const auto& bias) {
    return torch::conv2d(x, weight, bias, 1, o.padding, 1, o.groups);
  });
}

TEST(WideConvolution, StripsGiveTheGradientsOfTheWhole) {
  for (const auto& o : {conv2d(3, 16, 3, 1), conv2d(16, 8, 3, 0), conv2d(8, 8, 5, 2), conv2d(8, 8, 3, 1, 8)})
    for (const int64_t width : {40, 225, 449, 700}) {
      const auto by_strips =
          results_of(o, 9, width, torch::kBFloat16, [&](const auto& x, const auto& weight, const auto& bias) {
            return conv2d_by_strips(x, weight, bias, {o.padding, o.padding}, o.groups);
          });
      expect_near(by_strips, in_fp32(o, 9, width), concat(o.in_channels, " channels, width ", width));
    }
}

TEST(WideConvolution, TheGradientsOfAConvolutionAreRightForEverySize) {
  for (const auto& o : {conv2d(3, 16, 3, 1), conv2d(16, 16, 3, 1), conv2d(32, 16, 3, 1)})
    for (const auto& [height, width] :
         {std::pair(48, 225), std::pair(48, 256), std::pair(96, 320), std::pair(16, 400)}) {
      const auto module = make_module(o);
      const auto ours =
          results_of(o, height, width, torch::kBFloat16, [&](const auto& x, const auto& weight, const auto& bias) {
            auto& own = *module->as<torch::nn::Conv2d>();
            own.weight = weight;
            own.bias = bias;
            return run(o, module.get(), {x}, {/*training=*/true});
          });
      expect_near(ours, in_fp32(o, height, width), concat(o.in_channels, " channels, ", height, "x", width));
    }
}

}  // namespace
}  // namespace unet
