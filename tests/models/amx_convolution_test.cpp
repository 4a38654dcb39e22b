#include "models/fused/convolution/amx_convolution.h"

#include <gtest/gtest.h>
#include <torch/nn.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <functional>

#include "configs/schema/error.h"
#include "models/execution/operations.h"
#include "models/fused/convolution/weight_gradient_amx.h"
#include "models/kernels/memory.h"
#include "models/compat/processor.h"
#include "tests/support/bf16.h"

namespace unet {
namespace {

struct ConvolutionResults {
  torch::Tensor y, grad_x, grad_weight, grad_bias;
};

using Convolve = std::function<torch::Tensor(const torch::Tensor&, const torch::Tensor&, const torch::Tensor&)>;

/// Runs a convolution and its backward pass on values that bf16 represents exactly.
ConvolutionResults run_convolution(const op::Conv2d& o, int64_t height, int64_t width, torch::ScalarType type,
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

void expect_near(const ConvolutionResults& ours, const ConvolutionResults& theirs, const std::string& what) {
  const double tolerance = accumulates_in_bf16() ? 0.1 : 0.02;
  const auto near = [&](const torch::Tensor& a, const torch::Tensor& b, const char* name) {
    const double scale = b.abs().max().item<double>();
    EXPECT_LT((a.to(torch::kFloat) - b).abs().max().item<double>(), tolerance * scale) << name << ": " << what;
  };
  near(ours.y, theirs.y, "y");
  near(ours.grad_x, theirs.grad_x, "gradient of x");
  if (accumulates_in_bf16()) return;  // bf16 sums over thousands of pixels are meaningless
  near(ours.grad_weight, theirs.grad_weight, "gradient of the weight");
  near(ours.grad_bias, theirs.grad_bias, "gradient of the bias");
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

ConvolutionResults in_fp32(const op::Conv2d& o, int64_t height, int64_t width) {
  return run_convolution(o, height, width, torch::kFloat, [&](const auto& x, const auto& weight, const auto& bias) {
    return torch::conv2d(x, weight, bias, 1, o.padding, 1, o.groups);
  });
}

struct ConvolutionCase {
  op::Conv2d o;
  int64_t height, width;
};

/// Convolutions of unusual sizes: less than a tile, more than a block, odd and tiny maps, rows as wide as the padding,
/// kernels of all sizes.
std::vector<ConvolutionCase> odd_convolutions() {
  return {{conv2d(5, 7, 3, 1), 9, 11},      {conv2d(33, 17, 3, 0), 13, 8},    {conv2d(20, 40, 5, 2), 7, 7},
          {conv2d(16, 16, 1, 0), 4, 4},     {conv2d(70, 100, 3, 1), 31, 63},  {conv2d(3, 64, 3, 1), 40, 300},
          {conv2d(32, 32, 3, 1), 5, 2},     {conv2d(4, 8, 1, 0), 1, 1},       {conv2d(40, 200, 5, 3), 2, 30},
          {conv2d(64, 32, 4, 1), 6, 6},     {conv2d(1, 1, 3, 1), 1, 1},       {conv2d(96, 160, 3, 1), 3, 4},
          {conv2d(160, 200, 3, 1), 40, 24}, {conv2d(8, 8, 3, 1, 8), 9, 20},   {conv2d(64, 64, 2, 1, 2), 17, 33},
          {conv2d(8, 8, 3, 1, 8), 9, 449},  {conv2d(24, 48, 3, 1, 2), 5, 230}};
}

class AmxConvolution : public testing::Test {
 protected:
  void SetUp() override {
    if (!compat::processor_has_amx()) GTEST_SKIP() << "the processor has no AMX";
  }
};

TEST_F(AmxConvolution, WeightGradientsAccumulateInFp32) {
  const auto format = torch::MemoryFormat::ChannelsLast;
  const int threads_before = torch::get_num_threads();
  for (const int threads : {1, 2, 5})
    for (const auto& [o, height, width] : odd_convolutions()) {
      if (o.groups > 1) continue;
      torch::set_num_threads(threads);
      kernels::ConvolutionSizes sizes;
      sizes.images = 3;
      sizes.height = height;
      sizes.width = width;
      sizes.inputs = sizes.x_stride = o.in_channels;
      sizes.outputs = sizes.y_stride = o.out_channels;
      sizes.kernel_height = sizes.kernel_width = o.kernel_size;
      sizes.padding_height = sizes.padding_width = o.padding;
      torch::manual_seed(height);
      const auto bf16 = [&](const std::vector<int64_t>& size) {
        return torch::randn(size).to(torch::kBFloat16).contiguous(format);
      };
      const auto x = bf16({3, o.in_channels, height, width});
      const auto grad_y = bf16({3, o.out_channels, sizes.y_height(), sizes.y_width()});
      const auto weight = torch::empty({o.out_channels, o.in_channels, o.kernel_size, o.kernel_size});
      const auto ours = torch::full_like(weight, NAN, weight.options(), format);
      kernels::weight_gradient(sizes, kernels::data<kernels::Bf16>(x), kernels::data<kernels::Bf16>(grad_y),
                               ours.data_ptr<float>());
      const auto theirs = std::get<1>(at::convolution_backward(
          grad_y.to(torch::kDouble), x.to(torch::kDouble), weight.to(torch::kDouble), {o.out_channels}, {1, 1},
          {o.padding, o.padding}, {1, 1}, false, {0, 0}, 1, std::array<bool, 3>{false, true, false}));
      const double scale = theirs.abs().max().item<double>();
      EXPECT_LE((ours.to(torch::kDouble) - theirs).abs().max().item<double>(), 1e-5 * scale)
          << o.in_channels << " to " << o.out_channels << ", kernel " << o.kernel_size << ", " << height << 'x' << width
          << ", " << threads << " threads";
    }
  torch::set_num_threads(threads_before);
}

TEST_F(AmxConvolution, OutputsAndGradientsMatchFp32) {
  for (const auto& [o, height, width] : odd_convolutions())
    for (const KernelChoice choice : {KernelChoice::fused, KernelChoice::libtorch})
      expect_near(run_convolution(o, height, width, torch::kBFloat16,
                                  [&, &o = o](const auto& x, const auto& weight, const auto& bias) {
                                    return conv2d_stride_1(x, weight, bias, {o.padding, o.padding}, o.groups, choice);
                                  }),
                  in_fp32(o, height, width),
                  concat(o.in_channels, " to ", o.out_channels, " channels, ", height, "x", width));
}

TEST_F(AmxConvolution, WorksWithoutABias) {
  const auto o = conv2d(20, 8, 3, 1);
  const auto add_bias_after = [](const auto& convolve) {
    return [&convolve](const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias) {
      return convolve(x, weight) + bias.view({1, -1, 1, 1});
    };
  };
  const auto fused = [](const torch::Tensor& x, const torch::Tensor& weight) {
    return conv2d_stride_1(x, weight, {}, {1, 1}, 1, KernelChoice::fused);
  };
  const auto libtorch = [](const torch::Tensor& x, const torch::Tensor& weight) {
    return torch::conv2d(x, weight, {}, 1, 1);
  };
  expect_near(run_convolution(o, 6, 7, torch::kBFloat16, add_bias_after(fused)),
              run_convolution(o, 6, 7, torch::kFloat, add_bias_after(libtorch)), "no bias");
}

TEST(WideConvolution, OutputsAndGradientsMatchFp32) {
  for (const auto& o : {conv2d(3, 16, 3, 1), conv2d(16, 16, 3, 1), conv2d(32, 16, 3, 1)})
    for (const auto& [height, width] :
         {std::pair(48, 225), std::pair(48, 256), std::pair(96, 320), std::pair(16, 400)}) {
      const auto module = make_module(o);
      const auto ours =
          run_convolution(o, height, width, torch::kBFloat16, [&](const auto& x, const auto& weight, const auto& bias) {
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
