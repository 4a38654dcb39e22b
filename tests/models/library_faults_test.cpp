// Faults of the installed libraries do not reach results.

#include "models/compat/library_faults.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <vector>

#include "tests/support/onednn_environment.h"

namespace unet {
namespace {

/// A convolution, then its gradients.
std::vector<torch::Tensor> convolve(const torch::Tensor& x, const torch::Tensor& weight, bool transposed) {
  const auto input = x.clone().requires_grad_(), kernel = weight.clone().requires_grad_();
  const auto y = transposed ? at::conv_transpose2d(input, kernel, {}, 2) : at::conv2d(input, kernel, {}, 1, 1);
  y.backward(torch::arange(y.numel(), y.options()).reshape(y.sizes()).sin());
  return {y.detach(), input.grad(), kernel.grad()};
}

TEST(LibraryFaults, ConvolutionsAreRightOnEveryMachine) {
  torch::manual_seed(0);
  for (const bool transposed : {false, true})
    for (const auto format : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast})
      for (const int64_t from : {1, 3, 4, 12, 24})
        for (const int64_t to : {1, 4, 12, 24}) {
          const auto x = torch::randn({2, from, 8, 10}).contiguous(format);
          const auto weight = transposed ? torch::randn({from, to, 2, 2}) : torch::randn({to, from, 3, 3});
          const auto found = convolve(x, weight, transposed);
          const auto expected = convolve(x.to(torch::kDouble), weight.to(torch::kDouble), transposed);
          for (size_t i = 0; i < expected.size(); ++i)
            EXPECT_TRUE(torch::allclose(found[i].to(torch::kDouble), expected[i], 1e-3, 1e-3))
                << (transposed ? "transposed, " : "") << from << " to " << to << " channels, tensor " << i;
        }
}

TEST(LibraryFaults, OnednnStaysOnWhereItIsRight) {
  EXPECT_EQ(at::globalContext().userEnabledMkldnn(), !compat::onednn_is_wrong_without_cache_sizes());
}

}  // namespace
}  // namespace unet
