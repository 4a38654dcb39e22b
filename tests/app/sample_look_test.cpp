// What a plan measures in images and masks.

#include "app/planning/sample_look.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "app/planning/data_facts.h"

namespace unet {
namespace {

const cv::Mat kNoImage = cv::Mat::zeros(128, 128, CV_8UC1);

cv::Mat empty_mask() { return cv::Mat::zeros(128, 128, CV_8UC1); }

/// A disc of class 1.
SampleLook look_at_disc(cv::Point center, int radius, const cv::Mat& image = kNoImage) {
  cv::Mat mask = empty_mask();
  cv::circle(mask, center, radius, 1, cv::FILLED);
  return look_at(image, mask, 2);
}

TEST(SampleLook, MeasuresTheWidthOfLinesAndDiscs) {
  cv::Mat mask = empty_mask();
  mask.rowRange(20, 23) = 1;
  mask.rowRange(60, 67) = 2;
  cv::circle(mask, {64, 100}, 20, 3, cv::FILLED);
  const std::vector<ClassFacts> facts = class_facts({look_at(kNoImage, mask, 5)});
  EXPECT_NEAR(facts[1].width, 3, 0.5);
  EXPECT_NEAR(facts[2].width, 7, 0.5);
  EXPECT_NEAR(facts[3].large_width, 41, 4) << "a disc has short side branches too";
  EXPECT_EQ(facts[1].objects, 1);
  EXPECT_EQ(facts[1].area, 3 * 128);
  EXPECT_EQ(facts[4].objects, 0) << "absent";
  EXPECT_EQ(facts[4].width, 0);
}

TEST(SampleLook, AClassThatFillsTheImageIsAsWideAsItsShorterSide) {
  const cv::Mat mask = cv::Mat::ones(64, 128, CV_8UC1);
  const std::vector<ClassFacts> facts = class_facts({look_at(cv::Mat::zeros(64, 128, CV_8UC1), mask, 2)});
  EXPECT_EQ(facts[1].width, 64);
  EXPECT_EQ(facts[1].large_width, 64);
}

TEST(SampleLook, IgnoredPixelsDoNotCount) {
  cv::Mat mask = empty_mask();
  mask.rowRange(0, 64) = 255;
  const SampleLook look = look_at(kNoImage, mask, 2);
  EXPECT_EQ(look.pixels[0].all, 64 * 128);
  EXPECT_EQ(look.pixels[0].upper, 0);
  EXPECT_EQ(look.either[0][0], 64 * 128);
}

TEST(SampleLook, FineMasksLoseMoreAtSmallerScales) {
  cv::Mat fine = empty_mask(), coarse = empty_mask();
  for (int x = 0; x < 128; x += 6) fine.colRange(x, x + 2) = 1;
  coarse.colRange(0, 64) = 1;
  const auto fine_iou = mask_iou({look_at(kNoImage, fine, 2)}), coarse_iou = mask_iou({look_at(kNoImage, coarse, 2)});
  EXPECT_DOUBLE_EQ(fine_iou[0], 1);
  EXPECT_LT(fine_iou[4], 0.6);
  EXPECT_GT(coarse_iou[4], 0.95);
}

TEST(Orientation, HalvesOfScatteredObjectsLookAlike) {
  cv::RNG random(5);
  std::vector<SampleLook> looks;
  for (int i = 0; i < 24; ++i) looks.push_back(look_at_disc({random.uniform(10, 118), random.uniform(10, 118)}, 9));
  const Orientation orientation = compare_halves(looks);
  EXPECT_FALSE(orientation.vertical.matters) << orientation.vertical.reason;
  EXPECT_FALSE(orientation.horizontal.matters) << orientation.horizontal.reason;
}

TEST(Orientation, ASmallClassOnOneSideTellsTheHalvesApart) {
  cv::RNG random(5);
  std::vector<SampleLook> looks;
  for (int i = 0; i < 24; ++i) looks.push_back(look_at_disc({random.uniform(10, 118), random.uniform(10, 50)}, 5));
  const Orientation orientation = compare_halves(looks);
  EXPECT_TRUE(orientation.vertical.matters);
  EXPECT_GT(orientation.vertical.one_class, 0.9);
  EXPECT_LT(orientation.vertical.labels, 0.2) << "1% of the pixels";
  EXPECT_FALSE(orientation.horizontal.matters);
}

TEST(Orientation, LargeClassesTellTheHalvesApartByTheirShares) {
  cv::RNG random(5);
  std::vector<SampleLook> looks;
  for (int i = 0; i < 12; ++i) {
    cv::Mat mask = empty_mask();
    mask.colRange(0, 64 + random.uniform(-30, 20)) = 1;
    looks.push_back(look_at(kNoImage, mask, 2));
  }
  const Orientation orientation = compare_halves(looks);
  EXPECT_TRUE(orientation.horizontal.matters);
  EXPECT_GT(orientation.horizontal.labels, 0.6);
  EXPECT_FALSE(orientation.vertical.matters);
}

TEST(Orientation, BrightnessTellsTheHalvesApart) {
  cv::RNG random(5);
  std::vector<SampleLook> looks;
  for (int i = 0; i < 12; ++i) {
    cv::Mat image(128, 128, CV_16UC3);
    random.fill(image, cv::RNG::UNIFORM, 0, 10000);
    image.rowRange(0, 64) += cv::Scalar::all(20000);
    looks.push_back(look_at_disc({64, 64}, 20, image));
  }
  const Orientation orientation = compare_halves(looks);
  EXPECT_TRUE(orientation.vertical.matters);
  EXPECT_NEAR(orientation.vertical.brightness, 1.92, 0.05) << "20000 / sqrt(10000^2 + 10000^2 / 12)";
  EXPECT_FALSE(orientation.horizontal.matters);
}

TEST(Orientation, ThreeImagesTellNothing) {
  const SampleLook look = look_at_disc({64, 20}, 9);
  EXPECT_FALSE(compare_halves({look, look, look}).vertical.matters);
  EXPECT_FALSE(compare_halves({}).vertical.matters);
}

}  // namespace
}  // namespace unet
