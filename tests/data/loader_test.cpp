#include "data/samples/loader.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "configs/schema/error.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"
#include "tests/support/training_files.h"

namespace unet {
namespace {

/// Nine images, cropped with every augmentation on.
struct AugmentedSet {
  TrainingFiles files{9, 40, 40};
  AugmentOptions augment = full_augmentation();
  TrainingSet set{files.refs(), uncached(files.options(16, 16)), augment, 1};

  static DataOptions uncached(DataOptions options) {
    options.cache_mb = 0;
    return options;
  }
};

std::vector<Batch> remaining_batches(Loader& loader) {
  std::vector<Batch> batches;
  while (auto batch = loader.next()) batches.push_back(std::move(*batch));
  return batches;
}

void expect_equal(const std::vector<Batch>& got, const std::vector<Batch>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_TRUE(torch::equal(got[i].images, expected[i].images)) << "batch " << i;
    EXPECT_TRUE(torch::equal(got[i].labels, expected[i].labels)) << "batch " << i;
    EXPECT_EQ(got[i].names, expected[i].names) << "batch " << i;
  }
}

std::vector<Batch> load_epoch(const TrainingSet& set, const LoaderPlan& plan, int64_t epoch, int64_t first_batch = 0) {
  Loader loader(set, plan, epoch, first_batch);
  return remaining_batches(loader);
}

TEST(Loader, AnyNumberOfWorkersGivesTheSameBatches) {
  const AugmentedSet data;
  const auto expected = load_epoch(data.set, {2, 0, 4, 0, 1}, 3);
  ASSERT_EQ(expected.size(), 5u);
  for (const int64_t workers : {1, 2, 8})
    for (const int64_t prefetch : {1, 4}) {
      SCOPED_TRACE(workers);
      expect_equal(load_epoch(data.set, {2, workers, prefetch, 0, 1}, 3), expected);
    }
}

/// Where the samples of a training come from.
struct SampleStorage {
  const char* what;
  const char* extension;  ///< TIFF files are read by region where no cache has room
  int64_t cache_mb;       ///< 1 has room for some of the images
  bool on_disk;
};

TEST(Loader, NoCacheRegionOrWorkerChangesABit) {
  const TrainingFiles png(9, 200, 200), tiff(9, 200, 200, ".tif");
  const AugmentOptions augment = full_augmentation();
  const auto batches_of = [&](const SampleStorage& storage, const std::string& folder, int64_t workers) {
    const TrainingFiles& files = storage.extension == std::string(".tif") ? tiff : png;
    DataOptions data = files.options(64, 64);
    data.cache_mb = storage.cache_mb;
    if (storage.on_disk) data.cache_dir = folder;
    const TrainingSet set(files.refs(), data, augment, 1);
    return load_epoch(set, {3, workers, 4, 0, 1}, 3);
  };
  const std::vector<Batch> expected = batches_of({"decoded without any cache", ".png", 0, false}, "", 0);
  ASSERT_EQ(expected.size(), 3u);
  const std::vector<SampleStorage> storages{{"memory", ".png", 1024, false},
                                            {"memory that fills up", ".png", 1, false},
                                            {"disk", ".png", 0, true},
                                            {"disk, and memory that fills up", ".tif", 1, true},
                                            {"memory, whole TIFFs", ".tif", 1024, false},
                                            {"memory that fills up, then regions", ".tif", 1, false},
                                            {"regions", ".tif", 0, false}};
  for (const SampleStorage& storage : storages) {
    const TempFolder cache;
    for (const int64_t workers : {0, 1, 2, 8})
      for (const char* state : {"cold", "warm"}) {
        SCOPED_TRACE(concat(storage.what, ", ", workers, " workers, ", state));
        std::vector<Batch> got = batches_of(storage, cache / std::to_string(workers), workers);
        for (size_t i = 0; i < got.size(); ++i) got[i].names = expected[i].names;  // their extensions differ
        expect_equal(got, expected);
        if (!storage.on_disk) break;
      }
  }
}

TEST(Loader, EveryBatchIsFullAndTheLastWrapsAround) {
  const AugmentedSet data;
  const auto batches = load_epoch(data.set, {4, 0, 4, 0, 1}, 0);
  ASSERT_EQ(batches.size(), 3u);
  for (const Batch& batch : batches) EXPECT_EQ(batch.images.size(0), 4);
  EXPECT_EQ(batches[2].names[1], batches[0].names[0]);
  EXPECT_EQ(batches[2].names[3], batches[0].names[2]);
}

TEST(Loader, ABatchLargerThanTheSetIsFull) {
  const AugmentedSet data;
  const auto batches = load_epoch(data.set, {20, 2, 4, 0, 1}, 0);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].images.size(0), 20);
}

TEST(Loader, AnEpochResumesExactlyAtAnyBatch) {
  const AugmentedSet data;
  for (const int64_t workers : {0, 3}) {
    const LoaderPlan plan{2, workers, 2, 0, 1};
    const auto epoch_batches = load_epoch(data.set, plan, 1);
    for (size_t first = 0; first <= epoch_batches.size(); ++first) {
      SCOPED_TRACE(first);
      expect_equal(load_epoch(data.set, plan, 1, static_cast<int64_t>(first)),
                   {epoch_batches.begin() + static_cast<std::ptrdiff_t>(first), epoch_batches.end()});
    }
  }
}

TEST(Loader, RanksTogetherSeeEachPositionOnce) {
  const AugmentedSet data;
  const auto single_process = load_epoch(data.set, {3, 0, 4, 0, 1}, 0);  // positions 0..8
  const LoaderPlan half{1, 0, 4, 0, 3};
  ASSERT_EQ(batches_per_epoch(data.set, half), 3);
  for (int64_t rank = 0; rank < 3; ++rank) {
    LoaderPlan plan = half;
    plan.rank = rank;
    const auto own_batches = load_epoch(data.set, plan, 0);
    ASSERT_EQ(own_batches.size(), 3u);
    for (size_t b = 0; b < 3; ++b) {
      EXPECT_EQ(own_batches[b].names[0], single_process[b].names[static_cast<size_t>(rank)]);
      EXPECT_TRUE(torch::equal(own_batches[b].images[0], single_process[b].images[rank]));
    }
  }
}

TEST(Loader, RanksHaveTheSameNumberOfFullBatches) {
  const AugmentedSet data;
  std::map<std::string, int> seen;
  for (int64_t rank = 0; rank < 2; ++rank) {
    const auto own_batches = load_epoch(data.set, {2, 2, 4, rank, 2}, 0);
    ASSERT_EQ(own_batches.size(), 3u);
    for (const Batch& batch : own_batches)
      for (const std::string& name : batch.names) ++seen[name];
  }
  EXPECT_EQ(seen.size(), 9u);  // 12 positions for 9 images
  for (const auto& [name, count] : seen) EXPECT_LE(count, 2) << name;
}

TEST(Loader, AnErrorIsThrownInPlaceOfItsBatchWithAnyNumberOfWorkers) {
  const TrainingFiles files(9, 40, 40);
  const AugmentOptions off = no_augmentation();  // else other samples would be read for some augmentations
  const TrainingSet set(files.refs(), AugmentedSet::uncached(files.options(16, 16)), off, 1);
  const std::string bad = files.refs()[set.order(0)[5]].text();
  std::filesystem::resize_file(bad, 70);
  for (const int64_t workers : {0, 1, 4}) {
    Loader loader(set, {2, workers, 4, 0, 1}, 0);
    EXPECT_TRUE(loader.next());
    EXPECT_TRUE(loader.next());
    const std::string text = error_text(ErrorKind::data, [&loader] { loader.next(); });
    EXPECT_NE(text.find(bad), std::string::npos) << text;
    EXPECT_TRUE(loader.next());
  }
}

TEST(Loader, CanBeDestroyedInTheMiddleOfAnEpoch) {
  const AugmentedSet data;
  for (int round = 0; round < 10; ++round) {
    Loader loader(data.set, {1, 4, 3, 0, 1}, round);
    EXPECT_TRUE(loader.next());
  }
}

TEST(Loader, WaitedSecondsAreTheTimeSpentInNext) {
  const AugmentedSet data;
  const auto begin = std::chrono::steady_clock::now();
  Loader loader(data.set, {2, 0, 4, 0, 1}, 0);
  EXPECT_EQ(loader.waited_seconds(), 0);
  remaining_batches(loader);
  const double total = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_GT(loader.waited_seconds(), 0);
  EXPECT_LE(loader.waited_seconds(), total);
}

}  // namespace
}  // namespace unet
