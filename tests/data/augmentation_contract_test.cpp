// What every augmentation keeps, over all rows of the three tables.

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "configs/schema/ignore_label.h"
#include "data/samples/augmentation.h"
#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

constexpr int64_t kSeed = 11, kEpoch = 2;
constexpr int kChannels[] = {1, 3, 4, 7};

std::vector<std::string> augmentation_names() {
  std::vector<std::string> names = geometric_augmentations().names();
  for (const std::string& name : joint_augmentations().names()) names.push_back(name);
  for (const std::string& name : photometric_augmentations().names()) names.push_back(name);
  return names;
}

/// Random pixels of [low, high] with blocks of the classes 0, 1 and 3 and an ignored one.
Sample blocks_sample(cv::Size size, int channels, double low = 0, double high = 1) {
  Sample sample{cv::Mat(size, CV_32FC(channels)), cv::Mat(size, CV_8UC1)};
  cv::Mat values = sample.image.reshape(1);
  cv::RNG(7).fill(values, cv::RNG::UNIFORM, low, high);
  constexpr int kBlock = 6;
  const int labels[] = {0, 1, 3, 0, 1, 0, static_cast<int>(kIgnoreLabel)};
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      sample.mask.at<uchar>(y, x) = static_cast<uchar>(labels[(x / kBlock + 3 * (y / kBlock)) % 7]);
  return sample;
}

/// Expects a sample of this type and size with values of [low, high], known labels and weights of at most 1.
void expect_sound(const Sample& sample, cv::Size size, int channels, double low, double high) {
  ASSERT_EQ(sample.image.size(), size);
  ASSERT_EQ(sample.image.type(), CV_32FC(channels));
  ASSERT_TRUE(cv::checkRange(sample.image.reshape(1))) << "not finite";
  double smallest = 0, largest = 0;
  cv::minMaxLoc(sample.image.reshape(1), &smallest, &largest);
  EXPECT_GE(smallest, low);
  EXPECT_LE(largest, high);
  ASSERT_EQ(sample.mask.size(), size);
  ASSERT_EQ(sample.mask.type(), CV_8UC1);
  const std::set<int> known{0, 1, 3, static_cast<int>(kIgnoreLabel)};
  for (const uchar label : cv::Mat_<uchar>(sample.mask)) ASSERT_EQ(known.count(label), 1u) << int{label};
  if (sample.weight.empty()) return;
  ASSERT_EQ(sample.weight.size(), size);
  ASSERT_EQ(sample.weight.type(), CV_32FC1);
  cv::minMaxLoc(sample.weight, &smallest, &largest);
  EXPECT_GT(smallest, 0);
  EXPECT_LE(largest, 1);
}

/// Expects sound samples, equal ones where they are made twice, and an unchanged source.
void check_row(const std::string& name, const Sample& source, cv::Size size, const IntensityScale& scale, double low,
               double high) {
  const Sample before{source.image.clone(), source.mask.clone()};
  const AugmentOptions options = enable_only({name});
  for (int64_t position = 0; position < 3; ++position) {
    const Sample sample = augment(options, source, size, kSeed, kEpoch, position, scale);
    expect_sound(sample, size, source.image.channels(), low, high);
    const Sample again = augment(options, source, size, kSeed, kEpoch, position, scale);
    EXPECT_EQ(difference(sample.image, again.image), 0);
    EXPECT_EQ(difference(sample.mask, again.mask), 0);
    ASSERT_EQ(sample.weight.empty(), again.weight.empty());
    EXPECT_TRUE(sample.weight.empty() || difference(sample.weight, again.weight) == 0);
  }
  EXPECT_EQ(difference(source.image, before.image), 0) << "the source was changed";
  EXPECT_EQ(difference(source.mask, before.mask), 0) << "the source was changed";
}

TEST(AugmentationContract, EveryRowGivesSoundSamplesTheSameEachTime) {
  for (const std::string& name : augmentation_names())
    for (const int channels : kChannels)
      for (const cv::Size size : {cv::Size(32, 24), cv::Size(8, 8)})
        for (const cv::Size source : {cv::Size(50, 44), cv::Size(5, 6)}) {
          SCOPED_TRACE(concat(name, ", ", channels, " channels, ", size, " from ", source));
          check_row(name, blocks_sample(source, channels), size, {}, 0, 1);
        }
}

TEST(AugmentationContract, EveryRowKeepsToTheRangeOfTheData) {
  constexpr double kLow = -500, kHigh = 1500;
  for (const std::string& name : augmentation_names())
    for (const int channels : kChannels) {
      SCOPED_TRACE(concat(name, ", ", channels, " channels"));
      const auto count = static_cast<size_t>(channels);
      const IntensityScale scale{std::vector<double>(count, kLow), std::vector<double>(count, kHigh),
                                 std::vector<double>(count, 300)};
      check_row(name, blocks_sample({50, 44}, channels, kLow, kHigh), {32, 24}, scale, kLow, kHigh);
    }
}

TEST(AugmentationContract, EveryRowChangesSamples) {
  // A large area, which may be deformed, and a small object, which may be pasted.
  Sample source = blocks_sample({110, 100}, 3);
  source.mask.setTo(0);
  source.mask(cv::Rect(0, 0, 55, 100)) = 1;
  source.mask(cv::Rect(70, 45, 15, 15)) = 3;
  const cv::Size size(96, 88);
  for (const std::string& name : augmentation_names()) {
    const AugmentOptions options = enable_only({name});
    int changed = 0;
    for (int64_t position = 0; position < 20; ++position) {
      const Sample plain = augment(no_augmentation(), source, size, kSeed, kEpoch, position);
      const Sample sample = augment(options, source, size, kSeed, kEpoch, position);
      changed += difference(sample.image, plain.image) > 1e-6 || difference(sample.mask, plain.mask) > 0;
    }
    EXPECT_GE(changed, 5) << name;
  }
}

}  // namespace
}  // namespace unet
