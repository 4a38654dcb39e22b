#include "data/samples/forced_foreground.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <map>
#include <numeric>

#include "configs/schema/ignore_label.h"
#include "data/samples/loader.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/temp_folder.h"
#include "tests/support/training_files.h"

namespace unet {
namespace {

/// Images of 300x400 pixels with a single foreground pixel each, at a corner, an edge or inside; the last has none.
class LonelyPixels {
 public:
  explicit LonelyPixels(const std::string& extension = ".png") {
    options.labels = {{0, 0}, {1, 1}};
    options.channels = 1;
    options.size = {64, 48};
    options.mean = {0};
    options.std = {1};
    for (size_t i = 0; i <= kPixels.size(); ++i) {
      cv::Mat image(kSize, CV_8UC1), mask = cv::Mat::zeros(kSize, CV_8UC1);
      random_.fill(image, cv::RNG::UNIFORM, 0, 256);
      if (i < kPixels.size()) mask.at<uchar>(kPixels[i]) = 1;
      const std::string stem = std::to_string(i);
      refs.push_back({stem, ImageFile(folder_ / (stem + extension)), MaskFile(folder_ / (stem + "_m" + extension))});
      write_image(refs.back().text(), image);
      write_image(text_of(refs.back().labels), mask);
    }
  }

  TrainingSet set(double share, const AugmentOptions& augment) const {
    DataOptions data = options;
    data.forced_foreground = share;
    return {refs, data, augment, 5};
  }

  static inline const cv::Size kSize{400, 300};
  static inline const std::vector<cv::Point> kPixels{{0, 0}, {399, 299}, {200, 0}, {150, 170}};
  std::vector<SampleRef> refs;
  DataOptions options;

 private:
  TempFolder folder_;
  cv::RNG random_{7};
};

std::vector<int64_t> numbers_below(int64_t count) {
  std::vector<int64_t> numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(ForcedForeground, TheShareOfForcedSamplesIsExactInEveryStretch) {
  DataOptions data;
  for (const double share : {0.0, 0.1, 0.33, 0.5, 1.0}) {
    data.forced_foreground = share;
    const ForcedForeground forced(data, 1, 1);
    for (const int64_t first : {0, 7, 1000}) {
      int count = 0;
      for (int64_t position = first; position < first + 100; ++position) count += forced.is_forced(3, position) ? 1 : 0;
      EXPECT_NEAR(count, 100 * share, 1) << share;
    }
  }
  data.forced_foreground = 0.33;
  const ForcedForeground forced(data, 1, 1), other(data, 2, 1);
  const auto pattern = [](const ForcedForeground& choice, int64_t epoch) {
    std::vector<bool> chosen;
    for (int64_t position = 0; position < 40; ++position) chosen.push_back(choice.is_forced(epoch, position));
    return chosen;
  };
  EXPECT_EQ(pattern(forced, 3), pattern(ForcedForeground(data, 1, 1), 3));
  EXPECT_NE(pattern(forced, 3), pattern(forced, 4));
  EXPECT_NE(pattern(forced, 3), pattern(other, 3));
}

TEST(ForcedForeground, EveryForcedCropContainsThePixel) {
  const LonelyPixels files;
  const AugmentOptions off = no_augmentation();
  const TrainingSet all = files.set(1, off);
  for (int64_t image = 0; image < 4; ++image) {
    const Batch batch = all.batch(0, std::vector<int64_t>(60, image), numbers_below(60));
    EXPECT_TRUE(torch::equal((batch.labels == 1).sum(std::vector<int64_t>{1, 2}), torch::ones({60}, torch::kLong)))
        << image;
  }
  const Batch empty = all.batch(0, {4}, {0, 1, 2});
  EXPECT_EQ(empty.labels.sum().item<int64_t>(), 0);
  const TrainingSet third = files.set(0.33, off);
  const int64_t found = (third.batch(0, {0, 1, 2, 3}, numbers_below(200)).labels == 1).sum().item<int64_t>();
  EXPECT_GE(found, 65);  // 66 +- 1, and some by chance: at most 4% of the plain crops have the pixel
  EXPECT_LE(found, 75);
}

TEST(ForcedForeground, ThePixelLiesAnywhereInTheCrop) {
  const LonelyPixels files;
  const AugmentOptions off = no_augmentation();
  const TrainingSet set = files.set(1, off);
  constexpr int64_t kCrops = 600;
  const Batch batch = set.batch(0, {3}, numbers_below(kCrops));
  const auto places = (batch.labels == 1).nonzero().to(torch::kDouble);
  ASSERT_EQ(places.size(0), kCrops);
  for (const auto& [axis, length] : {std::pair<int, double>{1, 64}, {2, 48}}) {
    const auto along = places.select(1, axis);
    EXPECT_NEAR(along.mean().item<double>(), (length - 1) / 2, 0.06 * length);
    EXPECT_LT(along.min().item<double>(), 0.05 * length);
    EXPECT_GT(along.max().item<double>(), 0.95 * length - 1);
  }
}

TEST(ForcedForeground, SamplesThatAreNotForcedAreThoseOfTheShareZero) {
  const LonelyPixels files;
  AugmentOptions augment = full_augmentation();
  const TrainingSet none = files.set(0, augment), third = files.set(0.33, augment);
  DataOptions data = files.options;
  data.forced_foreground = 0.33;
  const ForcedForeground forced(data, 5, 1);
  int equal = 0;
  for (int64_t position = 0; position < 12; ++position) {
    if (forced.is_forced(2, position)) continue;
    ++equal;
    EXPECT_TRUE(torch::equal(third.batch(2, {3}, {position}).images, none.batch(2, {3}, {position}).images));
  }
  EXPECT_GE(equal, 7);
}

TEST(ForcedForeground, NeitherWorkersNorRegionsNorResumingChangeABatch) {
  const LonelyPixels png, tiff(".tif");
  const AugmentOptions augment = enable_only({"horizontal_flip", "brightness"});
  const auto batches = [&](const LonelyPixels& files, int64_t cache_mb, int64_t workers, int64_t first) {
    DataOptions data = files.options;
    data.forced_foreground = 0.5;
    data.samples_per_image = 2;
    data.cache_mb = cache_mb;
    const TrainingSet set(files.refs, data, augment, 5);
    Loader loader(set, {2, workers, 3, 0, 1}, 1, first);
    std::vector<torch::Tensor> images;
    while (auto batch = loader.next()) images.push_back(batch->images);
    return images;
  };
  const auto expected = batches(png, 100, 0, 0);
  ASSERT_EQ(expected.size(), 5u);
  for (const LonelyPixels* files : {&png, &tiff})  // TIFF files are read by region where no cache has room
    for (const int64_t cache_mb : {0, 100})
      for (const int64_t workers : {0, 2})
        for (const size_t first : {0, 3}) {
          const auto got = batches(*files, cache_mb, workers, static_cast<int64_t>(first));
          ASSERT_EQ(got.size(), expected.size() - first);
          for (size_t i = 0; i < got.size(); ++i) EXPECT_TRUE(torch::equal(got[i], expected[first + i])) << workers;
        }
}

/// Draws pixels of a mask and counts them by class.
std::map<int, int> drawn_classes(const cv::Mat& mask, const std::vector<int64_t>& classes) {
  DataOptions data;
  data.forced_foreground = 1;
  data.forced_classes = classes;
  const ForcedForeground forced(data, 1, 1);
  const DecodedSample sample({cv::Mat::zeros(mask.size(), CV_8UC1), mask});
  std::map<int, int> counts;
  for (int64_t position = 0; position < 900; ++position) {
    const auto pixel = forced.pixel(0, sample, 0, position);
    ++counts[pixel ? mask.at<uchar>(*pixel) : -1];
  }
  return counts;
}

TEST(ForcedForeground, ClassesAreEquallyLikelyWhateverTheirSize) {
  cv::Mat mask(100, 120, CV_8UC1, cv::Scalar(0));
  mask.colRange(0, 50) = cv::Scalar(1);
  mask(cv::Rect(60, 10, 3, 3)) = cv::Scalar(2);
  mask.at<uchar>(99, 119) = 3;
  mask.row(5) = cv::Scalar(kIgnoreLabel);
  const auto all = drawn_classes(mask, {});
  EXPECT_EQ(all.size(), 3u);
  for (const int label : {1, 2, 3}) EXPECT_NEAR(all.at(label), 300, 60) << label;
  const auto chosen = drawn_classes(mask, {0, 3, 7});
  EXPECT_EQ(chosen.size(), 2u);
  for (const int label : {0, 3}) EXPECT_NEAR(chosen.at(label), 450, 70) << label;
  EXPECT_EQ(drawn_classes(mask, {7}).at(-1), 900);
}

TEST(ClassPositions, KeepAUniformChoiceOfAClassWithManyPixels) {
  const DecodedSample sample({cv::Mat::zeros(200, 300, CV_8UC1), cv::Mat::ones(200, 300, CV_8UC1)});
  double x = 0, y = 0, upper = 0;
  constexpr int kChoices = 40, kDraws = 100;
  for (uint64_t seed = 0; seed < kChoices; ++seed) {
    const ClassPositions positions(sample, std::vector<bool>(256, true), seed);
    EXPECT_LE(positions.bytes(), 2 * ClassPositions::kMaxKept * sizeof(cv::Point) + 100);
    Rng rng(seed);
    for (int i = 0; i < kDraws; ++i) {
      const cv::Point pixel = positions.draw(rng).value();
      x += pixel.x;
      y += pixel.y;
      upper += pixel.y < 50 ? 1 : 0;
    }
  }
  const double count = kChoices * kDraws;
  EXPECT_NEAR(x / count, 149.5, 6);  // 4 standard errors
  EXPECT_NEAR(y / count, 99.5, 4);
  EXPECT_NEAR(upper / count, 0.25, 0.03);
}

}  // namespace
}  // namespace unet
