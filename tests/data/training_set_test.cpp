#include "data/samples/training_set.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <thread>

#include "configs/schema/ignore_label.h"
#include "data/samples/boundary_map.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"
#include "tests/support/training_files.h"

namespace unet {
namespace {

std::vector<int64_t> first_positions(int64_t count) {
  std::vector<int64_t> positions(static_cast<size_t>(count));
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

bool is_equal(const Batch& a, const Batch& b) {
  return torch::equal(a.images, b.images) && torch::equal(a.labels, b.labels) && a.names == b.names;
}

TEST(TrainingSet, ABatchHoldsNormalizedImagesAndTheirLabels) {
  const TrainingFiles files(3, 20, 24);
  DataOptions data = files.options(20, 24);
  data.mean = {0.1, 0.2, 0.3};
  data.std = {0.5, 0.25, 0.2};
  const AugmentOptions off = no_augmentation();
  const TrainingSet set(files.refs(), data, off, 1);
  const Batch batch = set.batch(0, {0, 1, 2}, {2, 0});
  ASSERT_EQ(batch.images.sizes(), (std::vector<int64_t>{2, 3, 20, 24}));
  ASSERT_EQ(batch.labels.sizes(), (std::vector<int64_t>{2, 20, 24}));
  EXPECT_EQ(batch.images.scalar_type(), torch::kFloat32);
  EXPECT_EQ(batch.labels.scalar_type(), torch::kInt64);
  EXPECT_EQ(batch.names, (std::vector<std::string>{files.refs()[2].text(), files.refs()[0].text()}));
  for (const auto& [row, file] : {std::pair<int, int>{0, 2}, {1, 0}})
    for (int y = 0; y < 20; ++y)
      for (int x = 0; x < 24; ++x) {
        const cv::Vec3b pixel = files.image(file).at<cv::Vec3b>(y, x);
        for (int c = 0; c < 3; ++c) {
          const auto channel = static_cast<size_t>(c);
          ASSERT_NEAR(batch.images[row][c][y][x].item<double>(),
                      (pixel[c] / 255.0 - data.mean[channel]) / data.std[channel], 1e-5);
        }
        ASSERT_EQ(batch.labels[row][y][x].item<int64_t>(), files.mask(file).at<uchar>(y, x));
      }
}

TEST(TrainingSet, TheOrderOfAnEpochIsAPermutationBySeedAndEpoch) {
  const TrainingFiles files(10, 8, 8);
  DataOptions data = files.options(8, 8);
  data.samples_per_image = 3;
  const AugmentOptions off = no_augmentation();
  const TrainingSet set(files.refs(), data, off, 1), twin(files.refs(), data, off, 1),
      other(files.refs(), data, off, 2);
  EXPECT_EQ(set.size(), 30);
  std::vector<int64_t> order = set.order(4);
  EXPECT_EQ(order, twin.order(4));
  EXPECT_NE(order, set.order(5));
  EXPECT_NE(order, other.order(4));
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, first_positions(30));
}

TEST(TrainingSet, EveryOrderIsEquallyLikely) {
  const TrainingFiles files(4, 8, 8);
  const AugmentOptions off = no_augmentation();
  const TrainingSet set(files.refs(), files.options(8, 8), off, 1);
  std::map<std::vector<int64_t>, int> counts;
  for (int64_t epoch = 0; epoch < 4800; ++epoch) ++counts[set.order(epoch)];
  EXPECT_EQ(counts.size(), 24u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 200, 70);
}

TEST(TrainingSet, AnEpochDrawsSamplesPerImageTimesFromEachImage) {
  const TrainingFiles files(5, 30, 30);
  DataOptions data = files.options(8, 8);
  data.samples_per_image = 3;
  const AugmentOptions off = no_augmentation();
  const TrainingSet set(files.refs(), data, off, 1);
  const Batch epoch = set.batch(0, set.order(0), first_positions(15));
  std::map<std::string, int> counts;
  for (const std::string& name : epoch.names) ++counts[name];
  EXPECT_EQ(counts.size(), 5u);
  for (const auto& [name, count] : counts) EXPECT_EQ(count, 3) << name;
}

TEST(TrainingSet, PositionsBeyondTheEpochWrapAroundWithAnotherCrop) {
  const TrainingFiles files(3, 40, 40);
  const AugmentOptions off = no_augmentation();
  const TrainingSet set(files.refs(), files.options(8, 8), off, 1);
  const auto order = set.order(0);
  const Batch inside = set.batch(0, order, {1}), beyond = set.batch(0, order, {4});
  EXPECT_EQ(inside.names, beyond.names);
  EXPECT_FALSE(torch::equal(inside.images, beyond.images));
}

TEST(TrainingSet, ABatchDependsNeitherOnTheCacheNorOnEarlierBatches) {
  const TrainingFiles files(4, 40, 40);
  DataOptions cached = files.options(24, 24), uncached = cached;
  uncached.cache_mb = 0;
  const AugmentOptions all = full_augmentation();
  const TrainingSet cached_set(files.refs(), cached, all, 1), uncached_set(files.refs(), uncached, all, 1);
  const auto order = cached_set.order(3);
  const Batch first = cached_set.batch(3, order, first_positions(4));
  cached_set.batch(2, order, first_positions(8));
  EXPECT_TRUE(is_equal(cached_set.batch(3, order, first_positions(4)), first));
  EXPECT_TRUE(is_equal(uncached_set.batch(3, order, first_positions(4)), first));
  EXPECT_FALSE(torch::equal(cached_set.batch(4, order, first_positions(4)).images, first.images));
}

TEST(TrainingSet, CachedImagesAreReadOnce) {
  TrainingFiles files(2, 16, 16);
  const AugmentOptions off = no_augmentation();
  DataOptions data = files.options(16, 16);
  const TrainingSet set(files.refs(), data, off, 1);
  data.cache_mb = 0;
  const TrainingSet uncached(files.refs(), data, off, 1);
  const Batch before = set.batch(0, {0, 1}, {0, 1});
  files.remove_all();
  EXPECT_TRUE(is_equal(set.batch(0, {0, 1}, {0, 1}), before));
  EXPECT_THROW(uncached.batch(0, {0, 1}, {0, 1}), Error);
}

TEST(TrainingSet, TheCacheStaysWithinItsLimit) {
  TrainingFiles files(2, 400, 400);  // 640,000 bytes each with the mask
  const AugmentOptions off = no_augmentation();
  DataOptions data = files.options(16, 16);
  data.cache_mb = 1;
  const TrainingSet set(files.refs(), data, off, 1);
  set.batch(0, {0, 1}, {0, 1});
  files.remove_all();
  EXPECT_NO_THROW(set.batch(0, {0, 1}, {0}));
  EXPECT_THROW(set.batch(0, {0, 1}, {1}), Error);
}

TEST(TrainingSet, ManyThreadsGetTheSameBatches) {
  const TrainingFiles files(6, 40, 40);
  const AugmentOptions all = full_augmentation();
  const TrainingSet set(files.refs(), files.options(24, 24), all, 1),
      alone(files.refs(), files.options(24, 24), all, 1);
  const auto order = set.order(0);
  std::vector<Batch> batches(8);
  std::vector<std::thread> threads;
  for (Batch& batch : batches) threads.emplace_back([&] { batch = set.batch(0, order, first_positions(12)); });
  for (std::thread& thread : threads) thread.join();
  const Batch expected = alone.batch(0, order, first_positions(12));
  for (const Batch& batch : batches) EXPECT_TRUE(is_equal(batch, expected));
}

TEST(TrainingSet, UnderResizeASampleIsTheWholeImage) {
  const TrainingFiles files(1, 32, 48);
  DataOptions data = files.options(16, 24);
  data.size_policy = SizePolicy::resize;
  const AugmentOptions off = no_augmentation();
  const TrainingSet set(files.refs(), data, off, 1);
  const Batch batch = set.batch(0, {0}, {0});
  ASSERT_EQ(batch.images.sizes(), (std::vector<int64_t>{1, 3, 16, 24}));
  const cv::Scalar mean = cv::mean(files.image(0));
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(batch.images[0][c].mean().item<double>(), mean[c] / 255, 0.02);
  EXPECT_TRUE((batch.labels < 3).all().item<bool>());
}

TEST(TrainingSet, UnderPadTheImageIsCenteredAndTheOutsideIgnored) {
  const TrainingFiles files(1, 10, 12);
  DataOptions data = files.options(16, 16);
  data.size_policy = SizePolicy::pad;
  const AugmentOptions off = no_augmentation();
  const TrainingSet set(files.refs(), data, off, 1);
  const Batch batch = set.batch(0, {0}, {0});
  const auto inside = batch.labels[0].slice(0, 3, 13).slice(1, 2, 14);
  EXPECT_EQ((batch.labels == kIgnoreLabel).sum().item<int64_t>(), 16 * 16 - 10 * 12);
  EXPECT_FALSE((inside == kIgnoreLabel).any().item<bool>());
}

TEST(TrainingSet, BatchesHaveTheWeightMapOfTheAugmentedLabels) {
  const TrainingFiles files(2, 40, 40);
  const AugmentOptions all = full_augmentation();
  const BoundaryWeights weights{7, 2};
  const TrainingSet plain(files.refs(), files.options(24, 20), all, 1),
      mapped(files.refs(), files.options(24, 20), all, 1, {}, weights);
  const Batch batch = mapped.batch(0, {0, 1}, {0, 1, 2}), expected = plain.batch(0, {0, 1}, {0, 1, 2});
  EXPECT_TRUE(is_equal(batch, expected));
  EXPECT_FALSE(expected.weights.defined());
  ASSERT_EQ(batch.weights.sizes(), (std::vector<int64_t>{3, 24, 20}));
  for (int64_t n = 0; n < 3; ++n) {
    cv::Mat mask(24, 20, CV_8UC1);
    for (int y = 0; y < 24; ++y)
      for (int x = 0; x < 20; ++x) mask.at<uchar>(y, x) = static_cast<uchar>(batch.labels[n][y][x].item<int64_t>());
    const cv::Mat map = boundary_map(mask, weights);
    auto expected_map = torch::from_blob(map.data, {24, 20}, torch::kFloat32);
    if (batch.pixel_weights.defined()) expected_map = expected_map * batch.pixel_weights[n];  // of mixup
    EXPECT_TRUE(torch::equal(batch.weights[n], expected_map)) << n;
  }
  EXPECT_GT(batch.weights.max().item<double>(), 1);
}

TEST(TrainingSet, AnImageTooLargeToDecodeIsReadByRegion) {
  const TempFolder folder;
  const std::string header = "P5\n20000 20000\n255\n";  // above kMaxPixels
  for (const std::string name : {"image.pgm", "mask.pgm"}) {
    std::ofstream(folder / name) << header;
    std::filesystem::resize_file(folder / name, header.size() + size_t{20000} * 20000);  // without blocks on the disk
  }
  const TrainingFiles files(1, 8, 8);
  DataOptions data = files.options(16, 16);
  data.channels = 1;
  data.mean = {0.5};
  data.std = {1};
  const AugmentOptions off = no_augmentation();
  const TrainingSet set({{"huge", ImageFile(folder / "image.pgm"), MaskFile(folder / "mask.pgm")}}, data, off, 1);
  const Batch batch = set.batch(0, {0}, {0, 1});
  EXPECT_TRUE((batch.images == -0.5).all().item<bool>());
  EXPECT_TRUE((batch.labels == 0).all().item<bool>());
}

TEST(TrainingSet, AFileThatCannotBeReadIsNamed) {
  TrainingFiles files(2, 16, 16);
  const AugmentOptions off = no_augmentation();
  const TrainingSet set(files.refs(), files.options(16, 16), off, 1);
  std::filesystem::resize_file(files.refs()[1].text(), 60);
  EXPECT_NO_THROW(set.batch(0, {0, 1}, {0}));
  const std::string text = error_text(ErrorKind::data, [&set] { set.batch(0, {0, 1}, {0, 1}); });
  EXPECT_NE(text.find(files.refs()[1].text()), std::string::npos) << text;
}

TEST(TrainingSet, AnEmptySetIsRefused) {
  const TrainingFiles files(1, 8, 8);
  const AugmentOptions off = no_augmentation();
  const std::string text = error_text(ErrorKind::data, [&] { TrainingSet({}, files.options(8, 8), off, 1); });
  EXPECT_NE(text.find("got no image with a mask, expected at least one"), std::string::npos) << text;
}

TEST(TrainingSet, ASizeLeftAutoIsRefused) {
  const TrainingFiles files(1, 8, 8);
  const AugmentOptions off = no_augmentation();
  DataOptions data = files.options(8, 8);
  data.size.clear();
  const std::string text = config_error([&] { TrainingSet(files.refs(), data, off, 1); });
  EXPECT_NE(text.find("[data.size]"), std::string::npos) << text;
}

}  // namespace
}  // namespace unet
