#include "data/samples/label_elastic.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>
#include <string>

#include "configs/schema/ignore_label.h"
#include "configs/schema/reader.h"
#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

AugmentOptions label_elastic_only(const std::string& settings) {
  AugmentOptions options = no_augmentation();
  read_options(parse_yaml("label_elastic: {probability: 1, " + settings + "}", "test"), options);
  return options;
}

/// A disk of class 2 with this radius in the middle of 100x120 pixels of class 1.
Sample disk_sample(int radius) {
  Sample sample = random_sample(100, 120);
  sample.mask.setTo(1);
  cv::circle(sample.mask, {60, 50}, radius, cv::Scalar(2), cv::FILLED);
  return sample;
}

TEST(LabelElastic, TheImageKeepsItsBytesAndOutlinesOfTheMaskMove) {
  const Sample sample = disk_sample(30);
  const Sample plain = augment(no_augmentation(), sample, {120, 100}, 1, 0, 0);
  const AugmentOptions options = label_elastic_only("alpha: [60, 60], sigma: [5, 5]");
  cv::Mat near_outline;
  cv::morphologyEx(sample.mask, near_outline, cv::MORPH_GRADIENT, cv::Mat::ones(25, 25, CV_8U));
  for (int64_t position = 0; position < 10; ++position) {
    const Sample moved = augment(options, sample, {120, 100}, 1, 0, position);
    EXPECT_EQ(difference(moved.image, plain.image), 0);
    const cv::Mat changed = moved.mask != sample.mask;
    EXPECT_GT(cv::countNonZero(changed), 30);
    EXPECT_EQ(cv::countNonZero(changed & (near_outline == 0)), 0) << "labels move by a few pixels only";
    EXPECT_EQ(cv::countNonZero((moved.mask != 1) & (moved.mask != 2)), 0) << "no new labels, none are ignored";
  }
}

TEST(LabelElastic, WithoutDisplacementTheMaskStays) {
  const Sample sample = random_sample(40, 50);
  const Sample same = augment(label_elastic_only("alpha: [0, 0]"), sample, {50, 40}, 1, 0, 0);
  EXPECT_EQ(difference(same.mask, sample.mask), 0);
}

TEST(LabelElastic, SmallAreasStay) {
  const Sample sample = disk_sample(10);  // 317 pixels
  const std::string settings = "alpha: [60, 60], sigma: [3, 3], min_area: ";
  EXPECT_EQ(difference(augment(label_elastic_only(settings + "400"), sample, {120, 100}, 1, 0, 0).mask, sample.mask),
            0);
  EXPECT_GT(difference(augment(label_elastic_only(settings + "200"), sample, {120, 100}, 1, 0, 0).mask, sample.mask),
            0);
  EXPECT_GT(difference(augment(label_elastic_only(settings + "0"), sample, {120, 100}, 1, 0, 0).mask, sample.mask), 0);
}

TEST(LabelElastic, EqualKeysMoveLabelsEqually) {
  const Sample sample = disk_sample(30);
  const AugmentOptions options = label_elastic_only("alpha: [20, 80]");
  const auto mask = [&](int64_t position) { return augment(options, sample, {120, 100}, 1, 2, position).mask; };
  EXPECT_EQ(difference(mask(3), mask(3)), 0);
  EXPECT_GT(difference(mask(3), mask(4)), 0);
}

}  // namespace
}  // namespace unet
