#include "data/samples/augmentation.h"

#include <gtest/gtest.h>

#include <map>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "configs/schema/ignore_label.h"
#include "configs/schema/reader.h"
#include "data/samples/geometric.h"
#include "data/samples/noise.h"
#include "data/samples/photometric.h"
#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

TEST(Augmentation, TheDefaultsAreFlipsAndMildChanges) {
  std::map<std::string, double> on;
  const auto add = [&on](const auto& rows) {
    for (const auto& [name, row] : rows)
      if (row->probability > 0) on[name] = row->probability;
  };
  const AugmentOptions options;
  add(options.geometric);
  add(options.joint);
  add(options.photometric);
  const std::map<std::string, double> expected{
      {"horizontal_flip", 0.5}, {"rotation", 0.2}, {"scale", 0.2}, {"brightness", 0.15}, {"contrast", 0.15}};
  EXPECT_EQ(on, expected);
}

TEST(Augmentation, AugmentationsAreReadByName) {
  AugmentOptions options;
  read_options(parse_yaml("{elastic: {probability: 1, grid: 5}, noise: {sigma: [0.1, 0.2]}}", "test"), options);
  EXPECT_EQ(row_of<Elastic>(options, "elastic").probability, 1);
  EXPECT_EQ(row_of<Elastic>(options, "elastic").grid, 5);
  EXPECT_EQ(row_of<Noise>(options, "noise").sigma.high, 0.2);
}

TEST(Augmentation, AProbabilityAboveOneIsRefusedWithItsPlace) {
  AugmentOptions options;
  try {
    read_options(parse_yaml("rotation: {probability: 1.5}", "my.yaml"), options);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_NE(std::string(error.what()).find("my.yaml:1:"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("probability"), std::string::npos) << error.what();
  }
}

TEST(Augmentation, WithoutAugmentationASampleIsAnExactCropFromAnyPlace) {
  Sample sample{cv::Mat(12, 10, CV_16UC1), cv::Mat(12, 10, CV_8UC1)};
  for (int y = 0; y < 12; ++y)
    for (int x = 0; x < 10; ++x) {
      sample.image.at<uint16_t>(y, x) = static_cast<uint16_t>(10 * y + x);
      sample.mask.at<uchar>(y, x) = static_cast<uchar>(10 * y + x);
    }
  std::map<int, int> origins;
  const AugmentOptions off = no_augmentation();
  for (int64_t position = 0; position < 2000; ++position) {
    const Sample crop = augment(off, sample, {7, 8}, 1, 0, position);
    const int origin = crop.mask.at<uchar>(0, 0);
    const cv::Rect place(origin % 10, origin / 10, 7, 8);
    ASSERT_EQ(place & cv::Rect(0, 0, 10, 12), place);
    expect_same(crop, {sample.image(place), sample.mask(place)});
    ++origins[origin];
  }
  EXPECT_EQ(origins.size(), 4u * 5);
  for (const auto& [origin, count] : origins) EXPECT_NEAR(count, 100, 50) << origin;
}

TEST(Augmentation, ASmallImageIsCenteredAndMirroredAndIgnoredOutside) {
  const Sample sample = random_sample(9, 40);
  const Sample result = augment(no_augmentation(), sample, {40, 24}, 1, 0, 0);
  Sample expected;
  cv::copyMakeBorder(sample.image, expected.image, 7, 8, 0, 0, cv::BORDER_REFLECT_101);
  cv::copyMakeBorder(sample.mask, expected.mask, 7, 8, 0, 0, cv::BORDER_CONSTANT, cv::Scalar(kIgnoreLabel));
  expect_same(result, expected);
}

TEST(Augmentation, EqualKeysGiveEqualSamplesAndOthersDiffer) {
  const Sample sample = random_sample(64, 64);
  std::vector<std::string> names = geometric_augmentations().names();
  for (const std::string& name : joint_augmentations().names()) names.push_back(name);
  for (const std::string& name : photometric_augmentations().names()) names.push_back(name);
  const AugmentOptions options = enable_only(names);
  const Sample first = augment(options, sample, {48, 48}, 5, 2, 9);
  expect_same(augment(options, sample, {48, 48}, 5, 2, 9), first);
  for (const Sample& other : {augment(options, sample, {48, 48}, 6, 2, 9), augment(options, sample, {48, 48}, 5, 3, 9),
                              augment(options, sample, {48, 48}, 5, 2, 10)}) {
    EXPECT_GT(difference(first.image, other.image), 0.05);
    EXPECT_GT(difference(first.mask, other.mask), 0);
  }
}

TEST(Augmentation, EnablingAnAugmentationKeepsTheRandomNumbersOfTheOthers) {
  const Sample sample = smooth_sample(32, 32, 3);
  cv::Mat mirror_image;
  cv::flip(sample.image, mirror_image, 1);
  const Sample mirrored{(sample.image + mirror_image) / 2, sample.mask};  // which a flip does not change
  for (const std::string& name : photometric_augmentations().names()) {
    const Sample alone = augment(enable_only({name}), mirrored, {32, 32}, 1, 0, 0);
    const Sample flipped = augment(enable_only({name, "horizontal_flip"}), mirrored, {32, 32}, 1, 0, 0);
    EXPECT_LT(difference(alone.image, flipped.image), 1e-6) << name;
  }
  for (const std::string& name : geometric_augmentations().names()) {
    const Sample alone = augment(enable_only({name}), sample, {24, 24}, 1, 0, 0);
    std::vector<std::string> all = photometric_augmentations().names();
    all.push_back(name);
    all.emplace_back("cutout");
    const Sample with_all = augment(enable_only(all), sample, {24, 24}, 1, 0, 0);
    EXPECT_EQ(difference(alone.mask, with_all.mask), 0) << name;
  }
}

TEST(Augmentation, TheRowsAppliedAreNamedInTheirOrder) {
  const Sample sample = random_sample(24, 24);
  AugmentOptions options = enable_only({"noise"});
  for (auto& [name, row] : options.geometric)
    if (name == "horizontal_flip") row->probability = 0.5;
  int flipped = 0;
  for (int64_t position = 0; position < 40; ++position) {
    const bool is_flipped = difference(augment(options, sample, {24, 24}, 3, 1, position).mask, sample.mask) > 0;
    const std::vector<std::string> flip_and_noise{"horizontal_flip", "noise"}, noise{"noise"};
    EXPECT_EQ(applied_rows(options, 3, 1, position), is_flipped ? flip_and_noise : noise);
    flipped += is_flipped;
  }
  EXPECT_GT(flipped, 5);
  EXPECT_LT(flipped, 35);
}

TEST(Augmentation, TheSourceIsNotModified) {
  const Sample sample = smooth_sample(32, 32, 3);
  const cv::Mat before = sample.image.clone();
  augment(enable_only(photometric_augmentations().names()), sample, {32, 32}, 1, 0, 0);
  augment(enable_only(photometric_augmentations().names()), sample, {16, 16}, 1, 0, 0);
  EXPECT_EQ(difference(sample.image, before), 0);
}

/// Warps the whole source with OpenCV's functions.
Sample warp_with_opencv(const Warp& warp, const Sample& sample) {
  cv::Mat positions(warp.output, CV_32FC2);
  const cv::Point2d middle((warp.output.width - 1) / 2.0, (warp.output.height - 1) / 2.0);
  for (int y = 0; y < warp.output.height; ++y)
    for (int x = 0; x < warp.output.width; ++x) {
      cv::Point2d offset = cv::Point2d(x, y) - middle;
      if (!warp.displacement.empty()) {
        const auto& moved = warp.displacement.at<cv::Vec2f>(y, x);
        offset += cv::Point2d(moved[0], moved[1]);
      }
      const cv::Point2d from = warp.center + warp.linear * offset;
      positions.at<cv::Vec2f>(y, x) = {static_cast<float>(from.x), static_cast<float>(from.y)};
    }
  Sample result;
  cv::remap(sample.image, result.image, positions, cv::noArray(), cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
  cv::remap(sample.mask, result.mask, positions, cv::noArray(), cv::INTER_NEAREST, cv::BORDER_CONSTANT,
            cv::Scalar(kIgnoreLabel));
  return result;
}

TEST(Augmentation, AWarpMatchesOpenCvEvenFarOutsideTheSource) {
  const Sample sample = smooth_sample(60, 90, 1);
  Rng rng(4);
  for (int round = 0; round < 300; ++round) {
    Warp warp;
    warp.output = {static_cast<int>(1 + rng.below(50)), static_cast<int>(1 + rng.below(50))};
    warp.center = {rng.uniform(-40, 130), rng.uniform(-40, 100)};
    for (double& value : warp.linear.val) value = rng.uniform(-1.5, 1.5);
    if (rng.chance(0.5)) {
      warp.displacement.create(warp.output, CV_32FC2);
      cv::RNG(rng.bits()).fill(warp.displacement, cv::RNG::UNIFORM, -9, 9);
    }
    const Sample got = apply_warp(warp, sample), expected = warp_with_opencv(warp, sample);
    ASSERT_LT(difference(got.image, expected.image), 0.02);
    const int differing = cv::countNonZero(got.mask != expected.mask);
    ASSERT_LE(differing, 2 + static_cast<int>(0.03 * static_cast<double>(expected.mask.total()))) << round;
  }
}

}  // namespace
}  // namespace unet
