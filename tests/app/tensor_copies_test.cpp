#include "app/training/tensor_copies.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace unet {
namespace {

TEST(TensorCopies, RestoreTensorsOfSeveralTypes) {
  const std::vector<torch::Tensor> tensors{torch::rand({3}), torch::tensor(7, torch::kLong), torch::rand({2, 2}),
                                           torch::tensor({1, 2}, torch::kLong)};
  std::vector<torch::Tensor> before;
  for (const auto& tensor : tensors) before.push_back(tensor.clone());
  TensorCopies copies;
  copies.save(tensors);
  for (torch::Tensor tensor : tensors) tensor.zero_();
  copies.restore(tensors);
  for (size_t i = 0; i < tensors.size(); ++i) EXPECT_TRUE(torch::equal(tensors[i], before[i])) << i;
}

TEST(TensorCopies, AcceptNoTensors) {
  TensorCopies copies;
  copies.save({});
  EXPECT_NO_THROW(copies.restore({}));
}

}  // namespace
}  // namespace unet
