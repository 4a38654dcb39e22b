#include "data/dataset/label_objects.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "data/dataset/label_pieces.h"
#include "data/dataset/label_values.h"

namespace unet {
namespace {

cv::Mat masks_of_zeros(int height = 40, int width = 60) { return cv::Mat::zeros(height, width, CV_8UC1); }

std::vector<LabelObject> objects_of_value(const MaskObjects& mask, int64_t value) {
  std::vector<LabelObject> objects;
  for (const LabelObject& object : mask.objects)
    if (object.value == value) objects.push_back(object);
  return objects;
}

TEST(LabelObjects, BarsHaveTheirSizeAndThickness) {
  cv::Mat mask = masks_of_zeros();
  mask(cv::Rect(5, 5, 30, 7)) = cv::Scalar(9);
  mask(cv::Rect(5, 20, 30, 1)) = cv::Scalar(9);
  mask(cv::Rect(50, 2, 4, 30)) = cv::Scalar(9);
  const MaskObjects found = measure_objects(mask);
  EXPECT_TRUE(found.is_measured);
  const auto bars = objects_of_value(found, 9);
  ASSERT_EQ(bars.size(), 3u);
  EXPECT_EQ(bars[0].pixels, 30 * 7);
  EXPECT_FLOAT_EQ(bars[0].thickness, 7);
  EXPECT_EQ(bars[1].pixels, 30);
  EXPECT_FLOAT_EQ(bars[1].thickness, 1);
  EXPECT_EQ(bars[2].pixels, 4 * 30);
  EXPECT_FLOAT_EQ(bars[2].thickness, 3) << "one less than an even width";
  EXPECT_EQ(objects_of_value(found, 0).size(), 1u) << "the background is one piece";
}

TEST(LabelObjects, ADiscIsAsThickAsTheDistanceToItsEdgeSays) {
  cv::Mat mask = masks_of_zeros();
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x)
      if ((x - 20) * (x - 20) + (y - 15) * (y - 15) <= 25) mask.at<uint8_t>(y, x) = 1;
  const auto discs = objects_of_value(measure_objects(mask), 1);
  ASSERT_EQ(discs.size(), 1u);
  EXPECT_EQ(discs[0].pixels, 81);
  EXPECT_NEAR(discs[0].thickness, 2 * std::sqrt(17.0) + 1, 1e-3) << "(4, 1) is the nearest pixel of the edge";
}

TEST(LabelObjects, TouchingValuesAreObjectsOfTheirOwn) {
  cv::Mat mask = masks_of_zeros();
  mask(cv::Rect(10, 10, 9, 20)) = cv::Scalar(1);
  mask(cv::Rect(19, 10, 9, 20)) = cv::Scalar(2);
  const MaskObjects found = measure_objects(mask);
  for (const int64_t value : {1, 2}) {
    const auto objects = objects_of_value(found, value);
    ASSERT_EQ(objects.size(), 1u);
    EXPECT_EQ(objects[0].pixels, 180);
    EXPECT_FLOAT_EQ(objects[0].thickness, 9);
  }
}

TEST(LabelObjects, ColorsKeepTheirValue) {
  cv::Mat mask(8, 8, CV_8UC3, cv::Scalar(0, 0, 0));
  mask(cv::Rect(2, 2, 3, 3)) = cv::Scalar(128, 0, 64);
  const auto objects = objects_of_value(measure_objects(mask), color_value(128, 0, 64));
  ASSERT_EQ(objects.size(), 1u);
  EXPECT_EQ(objects[0].pixels, 9);
}

TEST(LabelObjects, TooManyAreNotListed) {
  cv::Mat mask = masks_of_zeros(256, 256);
  for (int y = 0; y < mask.rows; y += 2)
    for (int x = 0; x < mask.cols; x += 2) mask.at<uint8_t>(y, x) = 1;
  const MaskObjects found = measure_objects(mask);
  EXPECT_TRUE(found.is_measured);
  EXPECT_TRUE(found.has_too_many);
  EXPECT_TRUE(found.objects.empty());
}

TEST(LabelPieces, AgreeWithOpenCvOnBlobs) {
  cv::Mat noise(60, 70, CV_8UC1), blurred;
  cv::RNG(5).fill(noise, cv::RNG::UNIFORM, 0, 256);
  cv::GaussianBlur(noise, blurred, {0, 0}, 2);
  const cv::Mat blobs = blurred > 128;
  std::vector<int64_t> found, expected;
  const cv::Mat compact = compact_values(blobs);
  PieceFinder finder([&](const LabelPiece& piece) { found.push_back(piece.pixels); });
  finder.skip_zero();
  for (int y = 0; y < compact.rows; ++y) finder.add_row(compact.ptr<int32_t>(y), nullptr, compact.cols);
  finder.finish();
  cv::Mat labels, statistics, centers;
  const int count = cv::connectedComponentsWithStats(blobs, labels, statistics, centers, 8);
  for (int i = 1; i < count; ++i) expected.push_back(statistics.at<int>(i, cv::CC_STAT_AREA));
  std::sort(found.begin(), found.end());
  std::sort(expected.begin(), expected.end());
  ASSERT_GT(expected.size(), 5u);
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace unet
