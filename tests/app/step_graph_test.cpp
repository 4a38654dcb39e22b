#include "app/training/step_graph.h"

#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include "models/compat/torch_compat.h"

namespace unet {
namespace {

/// Computes (w * images).sum() through a graph; its gradient for w is images.sum().
struct Product {
  explicit Product(const torch::Device& device)
      : w(torch::full({}, 2.0F, torch::device(device)).requires_grad_()), graph(device, {w}) {}

  double loss_of(double image, double constant = 1) {
    const auto images = torch::full({1, 1, 2, 2}, image), labels = torch::zeros({1, 2, 2}, torch::kLong);
    return graph
        .run({images, labels, {}}, {constant},
             [&](const std::vector<torch::Tensor>& inputs) {
               ++runs;
               const auto loss = (w * inputs[0].to(w.device())).sum() * constant;
               loss.backward();
               return loss.detach();
             })
        .item<double>();
  }

  double gradient() const { return w.grad().item<double>(); }

  torch::Tensor w;
  StepGraph graph;
  int runs = 0;
};

TEST(StepGraph, RunsTheWorkDirectlyWithoutCuda) {
  Product product(torch::kCPU);
  for (int i = 1; i <= 6; ++i) {
    product.w.mutable_grad().reset();
    EXPECT_EQ(product.loss_of(i), 8 * i);
    EXPECT_EQ(product.gradient(), 4 * i);
  }
  EXPECT_EQ(product.runs, 6);
  EXPECT_FALSE(product.graph.is_recorded());
}

class StepGraphOnCuda : public testing::Test {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
    if (!compat::kHasCudaGraphs) GTEST_SKIP() << "built without CUDA graphs";
  }
};

TEST_F(StepGraphOnCuda, RecordsTheFourthBatchAndReplaysItWithOtherValues) {
  Product product({torch::kCUDA, 0});
  for (int i = 1; i <= 8; ++i) {
    product.w.mutable_grad().reset();
    EXPECT_EQ(product.loss_of(i), 8 * i);
    EXPECT_EQ(product.gradient(), 4 * i);
    EXPECT_EQ(product.runs, std::min(i, 4));
  }
  EXPECT_TRUE(product.graph.is_recorded()) << product.graph.fault();
}

TEST_F(StepGraphOnCuda, AddsToExistingGradients) {
  Product product({torch::kCUDA, 0});
  double sum = 0;
  for (int i = 1; i <= 8; ++i) {
    product.loss_of(i);
    sum += 4 * i;
    EXPECT_EQ(product.gradient(), sum) << i;
  }
  EXPECT_TRUE(product.graph.is_recorded());
}

TEST_F(StepGraphOnCuda, ForgettingAllowsAnotherConstantAndKeepsGradients) {
  Product product({torch::kCUDA, 0});
  for (int i = 0; i < 5; ++i) {
    product.w.mutable_grad().reset();
    product.loss_of(3);
  }
  product.graph.release();
  EXPECT_FALSE(product.graph.is_recorded());
  EXPECT_EQ(product.gradient(), 12);
  EXPECT_EQ(product.loss_of(3, 10), 240);
  EXPECT_EQ(product.gradient(), 12 + 120);
}

TEST_F(StepGraphOnCuda, WorkThatThrowsDuringRecordingRunsDirectly) {
  const torch::Device device(torch::kCUDA, 0);
  auto w = torch::ones({}, torch::device(device)).requires_grad_();
  StepGraph graph(device, {w});
  int runs = 0;
  for (int i = 1; i <= 6; ++i) {
    const auto loss = graph.run({torch::full({1}, i), torch::zeros({1}, torch::kLong)}, {},
                                [&](const std::vector<torch::Tensor>& inputs) {
                                  TORCH_CHECK(++runs != 4, "out of memory");
                                  const auto product = (w * inputs[0].to(device)).sum();
                                  product.backward();
                                  return product.detach();
                                });
    EXPECT_EQ(loss.item<double>(), i);
  }
  EXPECT_EQ(runs, 7) << "six batches and one failed recording";
  EXPECT_EQ(graph.fault(), "out of memory");
  EXPECT_EQ(w.grad().item<double>(), 1 + 2 + 3 + 4 + 5 + 6);
}

}  // namespace
}  // namespace unet
