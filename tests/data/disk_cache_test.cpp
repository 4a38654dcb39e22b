#include "data/samples/disk_cache.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "configs/schema/error.h"
#include "data/dataset/sample_state.h"
#include "data/samples/training_set.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/contains.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"
#include "tests/support/training_files.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Replaces a file, as the cache itself does.
void replace_file(const std::string& path, const std::string& bytes) {
  fs::remove(path);
  write_bytes(path, bytes);
}

bool is_same(const std::optional<Sample>& got, const Sample& expected) {
  if (!got || got->image.type() != expected.image.type() || got->statistics.size() != expected.statistics.size())
    return false;
  for (size_t c = 0; c < expected.statistics.size(); ++c)
    if (got->statistics[c].mean != expected.statistics[c].mean ||
        got->statistics[c].deviation != expected.statistics[c].deviation)
      return false;
  return cv::norm(got->image, expected.image, cv::NORM_INF) == 0 &&
         cv::norm(got->mask, expected.mask, cv::NORM_INF) == 0;
}

class CacheOnDisk : public testing::Test {
 protected:
  DiskCache open(const DataOptions& data, uint64_t reserve = 0) {
    return DiskCache(
        folder_ / "cache", data, [this](const std::string& text) { messages_.push_back(text); }, reserve);
  }
  DiskCache open() { return open(data_); }

  size_t entries() const {
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder_ / "cache"))
      count += entry.path().extension() == ".sample" ? 1 : 0;
    return count;
  }

  const TempFolder folder_;
  const TrainingFiles files_{2, 12, 10};
  const DataOptions data_ = files_.options(8, 8);
  const Sample sample_{files_.image(0), files_.mask(0)};
  const SampleIdentity identity_ = identity_of(files_.refs()[0]).value();
  std::vector<std::string> messages_;
};

TEST_F(CacheOnDisk, SamplesComeBackInAnotherRun) {
  std::vector<Sample> samples{sample_};
  for (const int type : {CV_8UC1, CV_16UC4, CV_32FC(7)}) {
    Sample other{cv::Mat(5, 3, type), cv::Mat(5, 3, CV_8UC1, cv::Scalar(255))};
    cv::Mat values = other.image.reshape(1);
    for (int x = 0; x < values.cols; ++x) values.col(x).setTo(x);
    for (int c = 0; c < other.image.channels(); ++c) other.statistics.push_back({c + 0.1, 1.0 / (c + 1)});
    samples.push_back(other);
  }
  samples.push_back({files_.image(0)({1, 2, 5, 6}), files_.mask(0)({1, 2, 5, 6})});  // rows are apart
  for (size_t i = 0; i < samples.size(); ++i) {
    const SampleIdentity identity{std::to_string(i), "state"};
    DiskCache writer = open();
    EXPECT_FALSE(writer.find(identity));
    writer.store(identity, samples[i]);
    EXPECT_TRUE(is_same(writer.find(identity), samples[i])) << i;
    EXPECT_TRUE(is_same(open().find(identity), samples[i])) << i;
  }
  EXPECT_TRUE(messages_.empty());
}

TEST_F(CacheOnDisk, ASampleOutlivesItsFile) {
  open().store(identity_, sample_);
  const std::optional<Sample> found = open().find(identity_);
  fs::remove_all(folder_ / "cache");
  EXPECT_TRUE(is_same(found, sample_));
}

TEST_F(CacheOnDisk, AFileThatChangedIsStoredAgainInPlaceOfTheFormer) {
  const std::string path = files_.refs()[0].text();
  open().store(identity_, sample_);
  EXPECT_TRUE(open().find(identity_of(files_.refs()[0]).value()));
  fs::last_write_time(path, fs::last_write_time(path) + std::chrono::nanoseconds(1000));
  const SampleIdentity later = identity_of(files_.refs()[0]).value();
  EXPECT_FALSE(open().find(later)) << "another time";
  open().store(later, sample_);
  EXPECT_TRUE(open().find(later));
  const auto time = fs::last_write_time(path);
  std::ofstream(path, std::ios::app) << "x";
  fs::last_write_time(path, time);
  EXPECT_FALSE(open().find(identity_of(files_.refs()[0]).value())) << "another size";
  std::ofstream(text_of(files_.refs()[0].labels), std::ios::app) << "x";
  EXPECT_FALSE(open().find(identity_of(files_.refs()[0]).value())) << "another mask";
  EXPECT_EQ(entries(), 1u);
  EXPECT_TRUE(messages_.empty());
}

TEST_F(CacheOnDisk, OptionsThatChangeASampleKeepTheirOwn) {
  open().store(identity_, sample_);
  std::vector<DataOptions> others(7, data_);
  others[0].labels = {{0, 0}, {1, 1}, {2, 1}};
  others[1].ignore_values = {LabelKey(7)};
  others[2].channels = 1;
  others[3].size_policy = SizePolicy::resize;
  others[4].normalize = Normalize::per_image;
  others[5].snap = 3;
  others[6].mean = {0.5, 0.5, 0.5};
  for (size_t i = 0; i < others.size(); ++i) EXPECT_FALSE(open(others[i]).find(identity_)) << i;
  DataOptions same = data_;
  same.num_workers = 5;
  same.cache_mb = 1;
  same.size = {16, 16};  // of crops
  same.samples_per_image = 3;
  EXPECT_TRUE(open(same).find(identity_));
  SampleRef by_color = files_.refs()[0];
  by_color.reading.palette = PaletteMode::colors;
  EXPECT_FALSE(open().find(identity_of(by_color).value()));
}

TEST_F(CacheOnDisk, SourcesTellWhatASampleIsMadeOf) {
  const auto source = [](const ImageSource& image, const LabelSource& labels) {
    return source_of({"name", image, labels});
  };
  const ImageFile image("a.tif");
  const auto outlines = [](double x) {
    return ShapeLabels({"a.json", "", {{1, {{{0, 0}, {x, 0}, {x, 5}}}, std::nullopt}}});
  };
  const std::vector<SampleState> sources{source(image, MaskFile("m.tif")),
                                         source(ImagePage{"a.tif", 1}, MaskFile("m.tif")),
                                         source(ImagePage{"a.tif", 2}, MaskFile("m.tif")),
                                         source(ImageChannels{{"a.tif", "b.tif"}}, MaskFile("m.tif")),
                                         source(image, MaskPage{"m.tif", 1}),
                                         source(image, MergedMasks{{MergedMasks::Layer{"m.tif", 1}}}),
                                         source(image, MergedMasks{{MergedMasks::Layer{"m.tif", 2}}}),
                                         source(image, ArrayMask("m.npy")),
                                         source(image, outlines(4)),
                                         source(image, outlines(5))};
  for (size_t i = 0; i < sources.size(); ++i)
    for (size_t k = 0; k < i; ++k) EXPECT_FALSE(sources[i] == sources[k]) << i << " " << k;
  EXPECT_TRUE(source(image, outlines(4)) == source(image, outlines(4)));
}

TEST_F(CacheOnDisk, ASampleOfMissingFilesHasNoIdentity) {
  files_.remove_all();
  EXPECT_FALSE(identity_of(files_.refs()[0]));
}

TEST_F(CacheOnDisk, DamagedFilesAreReportedOnceAndStoredAgain) {
  open().store(identity_, sample_);
  const std::string path = open().path_of(identity_), good = bytes_of(path);
  std::vector<std::string> damaged{"x", std::string(good.size(), '\0'), good + "x"};
  for (size_t length = 1; length < good.size(); length += 61) damaged.push_back(good.substr(0, length));
  for (const size_t at :
       {size_t{0}, size_t{9}, size_t{30}, size_t{41}, size_t{47}, good.size() - 200, good.size() - 1}) {
    damaged.push_back(good);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 0x55);
  }
  for (size_t i = 0; i < damaged.size(); ++i) {
    SCOPED_TRACE(i);
    replace_file(path, damaged[i]);
    messages_.clear();
    DiskCache cache = open();
    EXPECT_FALSE(cache.find(identity_));
    EXPECT_FALSE(cache.find(identity_));
    ASSERT_EQ(messages_.size(), 1u);
    EXPECT_TRUE(contains(messages_[0], path));
    EXPECT_TRUE(contains(messages_[0], "data.cache_dir"));
    cache.store(identity_, sample_);
    EXPECT_TRUE(is_same(cache.find(identity_), sample_));
  }
}

TEST_F(CacheOnDisk, AFullDiskIsReportedOnceAndStoresNothingMore) {
  DiskCache cache = open(data_, uint64_t{1} << 60);
  cache.store(identity_, sample_);
  cache.store(identity_of(files_.refs()[1]).value(), sample_);
  ASSERT_EQ(messages_.size(), 1u);
  EXPECT_TRUE(contains(messages_[0], folder_ / "cache"));
  EXPECT_FALSE(cache.find(identity_));
  EXPECT_TRUE(fs::is_empty(folder_ / "cache"));
}

TEST_F(CacheOnDisk, AFolderThatCannotBeMadeIsReportedOnce) {
  write_bytes(folder_ / "cache", "a file");
  DiskCache cache = open();
  cache.store(identity_, sample_);
  cache.store(identity_, sample_);
  EXPECT_FALSE(cache.find(identity_));
  ASSERT_EQ(messages_.size(), 1u);
  EXPECT_TRUE(contains(messages_[0], folder_ / "cache"));
}

TEST_F(CacheOnDisk, LeftoversOfKilledProcessesAreRemovedAfterADay) {
  fs::create_directories(folder_ / "cache");
  const std::string old = folder_ / "cache/.tmp-old", young = folder_ / "cache/.tmp-young", other = folder_ / "cache/a";
  for (const std::string& path : {old, young, other}) write_bytes(path, "x");
  for (const std::string& path : {old, other})
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(25));
  open();
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(young));
  EXPECT_TRUE(fs::exists(other));
}

TEST_F(CacheOnDisk, ManyWritersAndReadersSeeOnlyCompleteSamples) {
  DiskCache first = open(), second = open();  // as two processes have them
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (DiskCache* cache : {&first, &second})
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&, cache] {
        for (int i = 0; i < 40; ++i) {
          const SampleIdentity identity{std::to_string(i % 4), "state"};
          const std::optional<Sample> found = cache->find(identity);
          if (found && !is_same(found, sample_)) ++wrong;
          cache->store(identity, sample_);
        }
      });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(messages_.empty());
  EXPECT_EQ(entries(), 4u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "cache"), {}), 4) << "no leftovers";
}

TEST_F(CacheOnDisk, ATrainingTakesSamplesOfUnchangedFilesFromIt) {
  if (fs::space(folder_.path()).available < 2 * DiskCache::kReserve) GTEST_SKIP() << "the disk is almost full";
  DataOptions data = data_;
  data.cache_mb = 0;
  const AugmentOptions augment = no_augmentation();
  const auto batch = [&] { return TrainingSet(files_.refs(), data, augment, 1).batch(0, {0, 1}, {0, 1}); };
  const Batch decoded = batch();
  data.cache_dir = folder_ / "cache";
  EXPECT_TRUE(torch::equal(batch().images, decoded.images));
  EXPECT_EQ(entries(), 2u);
  open().store(identity_, {255 - sample_.image, sample_.mask});
  EXPECT_FALSE(torch::equal(batch().images, decoded.images)) << "the file is not decoded";
  const std::string path = files_.refs()[0].text();
  fs::last_write_time(path, fs::last_write_time(path) + std::chrono::seconds(1));
  EXPECT_TRUE(torch::equal(batch().images, decoded.images)) << "the file is decoded again";
}

}  // namespace
}  // namespace unet
