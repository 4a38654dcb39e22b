// Compares the fused kernels with LibTorch's modules: forward, backward and statistics, including odd sizes.

#include <ATen/Context.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/nn.h>
#include <torch/utils.h>

#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"
#include "models/fused/batch_norm_relu/batch_norm_relu.h"
#include "models/fused/class_map/class_map.h"
#include "models/fused/convolution/packed_convolution.h"
#include "models/fused/transposed_convolution/interleave.h"
#include "models/fused/transposed_convolution/transposed_convolution.h"
#include "models/losses/class_sums.h"
#include "tests/support/bf16.h"
#include "tests/support/golden.h"

namespace unet {
namespace {

namespace nn = torch::nn;
constexpr double kTolerance = 1e-5;          // fp32
constexpr double kBf16Tolerance = 1.0 / 64;  // bf16 has 8 bits of precision; some roundings add up

torch::Tensor channels_last(const torch::Tensor& x) { return x.contiguous(torch::MemoryFormat::ChannelsLast); }

/// Upstream gradient of varied values whose sums are not close to 0.
torch::Tensor upstream_of(const torch::Tensor& output) {
  return channels_last(torch::arange(output.numel(), torch::kFloat).reshape(output.sizes()).mul(0.7).sin() + 0.5)
      .to(output.scalar_type());
}

double tolerance(torch::ScalarType type) { return type == torch::kFloat ? kTolerance : kBf16Tolerance; }

/// Tolerance for the results of a convolution.
double convolution_tolerance(torch::ScalarType type) {
  return type == torch::kBFloat16 && accumulates_in_bf16() ? 4 * kBf16Tolerance : tolerance(type);
}

/// Output, gradients of x, weight and bias, running mean and variance.
using Results = std::vector<torch::Tensor>;

nn::BatchNorm2d random_norm(int64_t channels) {
  nn::BatchNorm2d norm(nn::BatchNorm2dOptions{channels});
  const torch::NoGradGuard no_grad;
  norm->weight.copy_(torch::randn({channels}));
  norm->bias.copy_(torch::randn({channels}));
  norm->running_mean.copy_(torch::randn({channels}));
  norm->running_var.copy_(torch::rand({channels}) + 0.5);
  return norm;
}

template <class Forward>
Results run(nn::BatchNorm2d norm, const torch::Tensor& given, const Forward& forward) {
  norm = nn::BatchNorm2d(std::dynamic_pointer_cast<nn::BatchNorm2dImpl>(norm->clone()));
  const auto x = given.clone().requires_grad_();
  const auto y = forward(*norm, x);
  y.backward(upstream_of(y));
  EXPECT_TRUE(y.is_contiguous(torch::MemoryFormat::ChannelsLast));
  return {y.detach(),         x.grad(),          norm->weight.grad(),      norm->bias.grad(),
          norm->running_mean, norm->running_var, norm->num_batches_tracked};
}

TEST(BatchNormRelu, MatchesTheModules) {
  torch::manual_seed(0);
  const std::vector<std::vector<int64_t>> shapes{{2, 16, 8, 8},  {1, 1, 2, 3},    {3, 5, 7, 9},     {2, 17, 33, 5},
                                                 {1, 64, 31, 1}, {2, 33, 70, 41}, {4, 130, 12, 13}, {1, 3, 300, 200},
                                                 {2, 4, 32, 30}, {1, 8, 9, 9},    {1, 8, 90, 66},   {2, 24, 40, 40}};
  for (const auto type : {torch::kFloat, torch::kBFloat16})
    for (const auto& shape : shapes) {
      auto norm = random_norm(shape[1]);
      const auto x = channels_last(torch::randn(shape) * 3 + 1).to(type);
      ASSERT_TRUE(can_batch_norm_relu(*norm, x));
      const auto ours =
          run(norm, x, [](auto& own, const auto& given) { return batch_norm_relu(own, given, Pass::first); });
      // bf16 is compared with the modules in fp32 on the same values, since LibTorch also rounds in bf16.
      const auto theirs =
          run(norm, x.to(torch::kFloat), [](auto& own, const auto& given) { return torch::relu(own.forward(given)); });
      for (size_t i = 0; i < theirs.size(); ++i)
        EXPECT_LE(relative_difference(ours[i].to(torch::kFloat), theirs[i].to(torch::kFloat)), tolerance(type))
            << "result " << i << " of " << torch::IntArrayRef(shape) << " in " << type;
    }
}

TEST(BatchNormRelu, IsAccurateForValuesFarFromZero) {
  torch::manual_seed(0);
  auto norm = random_norm(24);
  const auto x = channels_last(torch::randn({2, 24, 40, 40}) + 1000);
  const auto ours = batch_norm_relu(*norm, x, Pass::recompute);
  const auto exact =
      torch::relu(torch::batch_norm(x.to(torch::kDouble), norm->weight.to(torch::kDouble),
                                    norm->bias.to(torch::kDouble), {}, {}, true, 0, norm->options.eps(), false));
  EXPECT_LE(relative_difference(ours.to(torch::kDouble), exact),
            1e-4);  // x itself has 4 digits after the decimal point
}

TEST(BatchNormRelu, RecomputingKeepsTheStatistics) {
  auto norm = random_norm(8);
  const auto before = norm->running_mean.clone();
  const auto x = channels_last(torch::randn({2, 8, 4, 4}));
  const auto recomputed = batch_norm_relu(*norm, x, Pass::recompute);
  EXPECT_TRUE(torch::equal(norm->running_mean, before));
  EXPECT_TRUE(torch::equal(batch_norm_relu(*norm, x, Pass::first), recomputed));
  EXPECT_FALSE(torch::equal(norm->running_mean, before));
}

TEST(BatchNormRelu, GivesTheSameBitsWithAnyNumberOfThreads) {
  torch::manual_seed(0);
  auto norm = random_norm(40);
  const auto x = channels_last(torch::randn({2, 40, 77, 50})).to(torch::kBFloat16);
  const int threads = torch::get_num_threads();
  std::vector<Results> all;
  for (const int count : {1, 2, 3}) {
    torch::set_num_threads(count);
    all.push_back(run(norm, x, [](auto& own, const auto& given) { return batch_norm_relu(own, given, Pass::first); }));
  }
  torch::set_num_threads(threads);
  for (const Results& results : all)
    for (size_t i = 0; i < results.size(); ++i) EXPECT_TRUE(torch::equal(results[i], all[0][i])) << i;
}

TEST(BatchNormRelu, PropagatesNaN) {
  auto norm = random_norm(4);
  for (const auto type : {torch::kFloat, torch::kBFloat16}) {
    auto x = channels_last(torch::randn({1, 4, 8, 8})).to(type);
    x[0][1][3][3] = std::nan("");
    EXPECT_TRUE(batch_norm_relu(*norm, x, Pass::recompute).isnan().any().item<bool>()) << type;
  }
}

TEST(BatchNormRelu, DeclinesUnsupportedInputs) {
  auto norm = random_norm(4);
  const auto x = channels_last(torch::randn({2, 4, 6, 6}));
  EXPECT_TRUE(can_batch_norm_relu(*norm, x));
  EXPECT_FALSE(can_batch_norm_relu(*norm, x.contiguous()));
  EXPECT_FALSE(can_batch_norm_relu(*norm, x.to(torch::kDouble)));
  EXPECT_FALSE(can_batch_norm_relu(*norm, torch::randn({1, 4, 1, 1})));  // one value has no variance
  norm->eval();
  EXPECT_FALSE(can_batch_norm_relu(*norm, x));
}

/// Returns the output and the gradients of x, weight, bias and skip.
template <class Forward>
Results run(const op::ConvTranspose2d& o, const std::vector<torch::Tensor>& given, const Forward& forward) {
  std::vector<torch::Tensor> leaves;
  for (const auto& tensor : given) leaves.push_back(tensor.clone().requires_grad_());
  const auto output = forward(o, leaves);
  auto results = torch::autograd::grad({output}, leaves, {upstream_of(output)});
  results.insert(results.begin(), output.detach());
  return results;
}

TEST(UpsampleConcatenate, MatchesTheModules) {
  torch::manual_seed(0);
  struct Case {
    int64_t in, out, skip, kernel_size, stride, padding, output_padding, dilation;
  };
  const std::vector<Case> cases{{8, 4, 4, 2, 2, 0, 0, 1}, {6, 3, 5, 2, 2, 0, 0, 1},  {5, 7, 2, 4, 2, 1, 0, 1},
                                {4, 1, 9, 3, 2, 1, 1, 1}, {16, 8, 8, 4, 4, 0, 0, 1}, {3, 2, 3, 2, 2, 1, 1, 3},
                                {4, 6, 6, 3, 3, 0, 0, 1}, {4, 4, 3, 3, 2, 0, 0, 1}};
  for (const auto type : {torch::kFloat, torch::kBFloat16})
    for (const Case& c : cases)
      for (const auto& size : std::vector<std::vector<int64_t>>{{1, 1}, {5, 3}, {4, 11}}) {
        op::ConvTranspose2d o{c.in, c.out};
        o.kernel_size = {c.kernel_size, c.kernel_size};
        o.stride = {c.stride, c.stride};
        o.padding = {c.padding, c.padding};
        o.output_padding = {c.output_padding, c.output_padding};
        o.dilation = {c.dilation, c.dilation};
        const int64_t height = op::output_size(size[0], o, 0), width = op::output_size(size[1], o, 1);
        if (height < 1 || width < 1) continue;
        const auto random_map = [&](const std::vector<int64_t>& shape) {
          return channels_last(torch::randn(shape)).to(type);
        };
        std::vector<torch::Tensor> given{random_map({2, c.in, size[0], size[1]}),
                                         random_map({c.in, c.out, c.kernel_size, c.kernel_size}),
                                         torch::randn({c.out}).to(type), random_map({2, c.skip, height, width})};
        const auto ours = run(o, given, [](const auto& settings, const Results& x) {
          return conv_transpose2d(settings, x[0], x[1], x[2], x[3]);
        });
        for (auto& tensor : given) tensor = tensor.to(torch::kFloat);
        const auto theirs = run(o, given, [](const auto& s, const Results& x) {
          const auto large =
              torch::conv_transpose2d(x[0], x[1], x[2], s.stride, s.padding, s.output_padding, s.groups, s.dilation);
          return torch::cat({x[3], large}, 1);
        });
        for (size_t i = 0; i < theirs.size(); ++i)
          EXPECT_LE(relative_difference(ours[i].to(torch::kFloat), theirs[i]), convolution_tolerance(type))
              << "result " << i << " of kernel " << c.kernel_size << " stride " << c.stride << " padding " << c.padding
              << " from " << torch::IntArrayRef(size) << " in " << type;
      }
}

TEST(UpsampleConcatenate, InterleavesMapsInChannelsLast) {
  op::ConvTranspose2d o{4, 3};
  const auto phases = channels_last(torch::randn({2, 12, 5, 6})), skip = channels_last(torch::randn({2, 7, 10, 12}));
  EXPECT_TRUE(can_interleave(o, phases, skip));
  EXPECT_TRUE(can_interleave(o, phases, {}));
  EXPECT_FALSE(can_interleave(o, phases.contiguous(), skip));
  EXPECT_FALSE(can_interleave(o, phases, skip.contiguous()));
  EXPECT_FALSE(can_interleave(o, phases, skip.to(torch::kBFloat16)));
  o.groups = 3;
  EXPECT_FALSE(can_interleave(o, phases, skip));
}

TEST(PackedConvolution, IsPackedIfOneDnnIsUsed) {
  const PackedConvolution conv({}, torch::randn({8, 4, 1, 1}), torch::randn({8}), {1, 4, 6, 6});
  EXPECT_EQ(conv.is_packed(), at::hasMKLDNN() && at::globalContext().userEnabledMkldnn());
}

TEST(UpsampleConcatenate, AcceptsSkipConnectionsThatAreViews) {
  torch::manual_seed(0);
  const op::ConvTranspose2d o{4, 3};
  const auto x = channels_last(torch::randn({2, 4, 5, 6})), weight = torch::randn({4, 3, 2, 2});
  const auto large = channels_last(torch::randn({2, 7, 14, 15}));
  const auto skip = large.narrow(1, 2, 5).narrow(2, 1, 10).narrow(3, 3, 12);
  const auto expected = torch::cat({skip, torch::conv_transpose2d(x, weight, {}, 2)}, 1);
  EXPECT_LE(relative_difference(conv_transpose2d(o, x, weight, {}, skip), expected), kTolerance);
  const auto planes = skip.contiguous();  // contiguous, as in fp32: LibTorch concatenates
  EXPECT_LE(relative_difference(conv_transpose2d(o, x, weight, {}, planes), expected), kTolerance);
}

/// Returns the class sums, and the gradient of the logits if every sum has a different weight.
Results sums_and_gradient(const torch::Tensor& given, const torch::Tensor& labels, KernelChoice kernels) {
  const auto leaf = given.clone().requires_grad_();
  const ClassSums sums = class_sums(leaf, {labels}, kernels);
  const auto weights = torch::arange(given.size(1)).mul(0.9).cos() + 1.5;
  ((sums.nll * 0.3 + sums.overlap * 2 - sums.probability) * weights).sum().backward();
  return {sums.nll.detach(), sums.overlap.detach(), sums.probability.detach(), sums.truth, leaf.grad()};
}

TEST(ClassSums, MatchLibTorchsOperations) {
  torch::manual_seed(0);
  for (const int64_t classes : {2, 3, 11, 255})
    for (const auto type : {torch::kFloat, torch::kBFloat16})
      for (const auto& size : std::vector<std::vector<int64_t>>{{1, 9}, {7, 5}, {64, 65}, {3, 16}})
        for (const bool is_channels_last : {false, true}) {
          auto logits = (torch::randn({2, classes, size[0], size[1]}) * 4).to(type);
          if (is_channels_last) logits = channels_last(logits);
          auto labels = torch::randint(0, classes, {2, size[0], size[1]}, torch::kLong);
          labels.view({-1}).slice(0, 0, labels.numel(), 3).fill_(kIgnoreLabel);
          const auto ours = sums_and_gradient(logits, labels, KernelChoice::fused),
                     theirs = sums_and_gradient(logits, labels, KernelChoice::libtorch);
          for (size_t i = 0; i < theirs.size(); ++i)
            EXPECT_LE(relative_difference(ours[i].to(torch::kFloat), theirs[i].to(torch::kFloat)),
                      i < 4 ? kTolerance : tolerance(type))
                << "result " << i << " of " << classes << " classes, " << torch::IntArrayRef(size) << " in " << type;
          EXPECT_EQ(ours[4].scalar_type(), type);
        }
}

TEST(ClassSums, AreFiniteForLargeLogitsAndNaNForNaN) {
  const auto labels = torch::zeros({1, 1, 20}, torch::kLong);
  const auto far = torch::tensor({-1e30F, 0.0F, 80.0F}).view({1, 3, 1, 1}).expand({1, 3, 1, 20}).contiguous();
  EXPECT_TRUE(class_sums(far, {labels}).nll.isfinite().all().item<bool>());
  EXPECT_NEAR(class_sums(far, {labels}).probability[2].item<double>(), 20, 1e-5);
  auto broken = torch::zeros({1, 3, 1, 20});
  broken[0][1][0][7] = std::nan("");
  EXPECT_TRUE(class_sums(broken, {labels}).nll.isnan().any().item<bool>());
}

TEST(ClassSums, RefuseLabelsThatAreNotClasses) {
  for (const int64_t label : {3, 254, -1}) {
    const auto labels = torch::full({1, 2, 2}, label);
    EXPECT_THROW(class_sums(torch::zeros({1, 3, 2, 2}), {labels}), Error) << label;
  }
}

TEST(ClassMap, IsTheArgmaxForEveryTypeAndLayout) {
  torch::manual_seed(0);
  for (const int64_t classes : {2, 3, 11, 255})
    for (const auto type : {torch::kFloat, torch::kBFloat16, torch::kHalf})
      for (const bool is_channels_last : {false, true}) {
        auto logits = torch::randn({2, classes, 9, 301}).to(type);
        if (is_channels_last) logits = channels_last(logits);
        const auto view = logits.narrow(2, 1, 7).narrow(3, 2, 290);  // a view, as after cropping the padding
        for (const auto& given : {logits, view}) {
          const auto map = class_map(given);
          EXPECT_EQ(map.scalar_type(), torch::kByte);
          const auto largest = given.to(torch::kFloat).amax(1);
          const auto chosen = given.to(torch::kFloat).gather(1, map.to(torch::kLong).unsqueeze(1)).squeeze(1);
          EXPECT_TRUE(torch::equal(chosen, largest)) << classes << " classes in " << type;
        }
      }
}

TEST(ClassMap, TakesTheFirstOfEqualLogitsAndTheSignOfASingleOne) {
  EXPECT_EQ(class_map(torch::zeros({1, 4, 1, 1})).item<int>(), 0);
  const auto map = class_map(torch::tensor({-1.0F, 0.0F, 0.5F}).view({1, 1, 1, 3}));
  EXPECT_TRUE(torch::equal(map.view({3}), torch::tensor({0, 0, 1}, torch::kByte)));
}

}  // namespace
}  // namespace unet
