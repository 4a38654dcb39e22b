#include "app/training/device_prefetcher.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <new>
#include <stdexcept>

#include "tests/support/tiny_training.h"

namespace unet {
namespace {

Batch small_batch() { return {torch::rand({2, 3, 4, 4}), torch::zeros({2, 4, 4}, torch::kLong), {"a.png", "b.png"}}; }

TEST(MoveBatch, ReplacesAllTensors) {
  for (const bool has_weights : {false, true}) {
    Batch batch = small_batch();
    if (has_weights) batch.weights = torch::rand({2, 4, 4});
    if (has_weights) batch.pixel_weights = torch::rand({2, 4, 4});
    const Batch host = batch;
    EXPECT_TRUE(move_batch(batch, [](const torch::Tensor& tensor) { return tensor.clone(); }));
    EXPECT_FALSE(batch.images.is_same(host.images));
    EXPECT_FALSE(batch.labels.is_same(host.labels));
    EXPECT_TRUE(torch::equal(batch.images, host.images));
    ASSERT_EQ(batch.weights.defined(), has_weights);
    ASSERT_EQ(batch.pixel_weights.defined(), has_weights);
    if (has_weights) {
      EXPECT_FALSE(batch.weights.is_same(host.weights));
      EXPECT_TRUE(torch::equal(batch.weights, host.weights));
      EXPECT_FALSE(batch.pixel_weights.is_same(host.pixel_weights));
      EXPECT_TRUE(torch::equal(batch.pixel_weights, host.pixel_weights));
    }
  }
}

TEST(MoveBatch, LeavesABatchThatDoesNotFitInHostMemory) {
  for (const bool images_fit : {false, true}) {
    Batch batch = small_batch();
    const Batch host = batch;
    EXPECT_FALSE(move_batch(batch, [&](const torch::Tensor& tensor) {
      if (tensor.is_same(host.labels) || !images_fit) throw std::bad_alloc();
      return tensor.clone();
    }));
    EXPECT_TRUE(batch.images.is_same(host.images));
    EXPECT_TRUE(batch.labels.is_same(host.labels));
  }
}

TEST(MoveBatch, HidesNoOtherFault) {
  Batch batch = small_batch();
  EXPECT_THROW(
      move_batch(batch, [](const torch::Tensor&) -> torch::Tensor { throw std::runtime_error("device lost"); }),
      std::runtime_error);
}

TEST(DevicePrefetcher, OnTheCpuItsBatchesAreTheLoaders) {
  TinyTraining training;
  const TrainingSet set(training.data().train, training.config().data, training.config().augment, 1);
  const LoaderPlan plan{2, 0, 3};
  Loader plain(set, plan, 0), loader(set, plan, 0);
  DevicePrefetcher prefetcher(loader, torch::kCPU);
  int64_t count = 0;
  for (; const auto batch = prefetcher.next(); ++count) EXPECT_EQ(batch->names, plain.next()->names);
  EXPECT_EQ(count, batches_per_epoch(set, plan));
}

}  // namespace
}  // namespace unet
