#include "models/fused/interpolation/interpolation.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/support/golden.h"

namespace unet {
namespace {

TEST(Interpolation, MatrixProductsMatchLibTorch) {
  torch::manual_seed(0);
  for (const bool align_corners : {false, true})
    for (const PerAxis factor : {PerAxis{2, 2}, {4, 1}, {3, 8}})
      for (const PerAxis from : {PerAxis{1, 1}, {1, 5}, {7, 4}}) {
        const PerAxis size{from[0] * factor[0], from[1] * factor[1]};
        std::vector<torch::Tensor> results;
        for (const bool by_products : {false, true}) {
          torch::manual_seed(1);
          const auto x = torch::randn({2, 3, from[0], from[1]}).requires_grad_();
          const auto large = by_products ? bilinear_by_matrix_products(x, size, align_corners)
                                         : torch::upsample_bilinear2d(x, size, align_corners);
          results.push_back(large.detach());
          results.push_back(torch::autograd::grad({large}, {x}, {torch::ones_like(large) + large.detach().sin()})[0]);
        }
        EXPECT_LE(relative_difference(results[2], results[0]), 1e-5)
            << align_corners << " " << from[0] << " " << factor[0];
        EXPECT_LE(relative_difference(results[3], results[1]), 1e-5)
            << align_corners << " " << from[0] << " " << factor[0];
      }
}

}  // namespace
}  // namespace unet
