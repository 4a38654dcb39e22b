#include "data/samples/copy_paste.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "configs/schema/ignore_label.h"
#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

cv::Mat random_image(cv::Size size, int channels, uint64_t seed) {
  cv::Mat image(size, CV_32FC(channels));
  cv::Mat values = image.reshape(1);
  cv::RNG(seed).fill(values, cv::RNG::UNIFORM, 0, 1);
  return image;
}

/// Sample with this mask and random pixels.
Sample sample_of(const cv::Mat& mask, int channels = 3, uint64_t seed = 1) {
  return {random_image(mask.size(), channels, seed), mask.clone()};
}

/// Sample without objects, of which some pixels are ignored.
Sample empty_scene(cv::Size size, int channels = 3) {
  Sample sample = sample_of(cv::Mat::zeros(size, CV_8UC1), channels, 2);
  sample.mask(cv::Rect(0, 0, size.width, 3)) = cv::Scalar(kIgnoreLabel);
  return sample;
}

/// Mask of an L of class 1, a disk of class 2 and an ignored stripe.
cv::Mat two_shapes() {
  cv::Mat mask = cv::Mat::zeros(64, 80, CV_8UC1);
  mask(cv::Rect(10, 10, 4, 12)) = 1;
  mask(cv::Rect(10, 18, 10, 4)) = 1;
  cv::circle(mask, {50, 30}, 6, 2, cv::FILLED);
  mask(cv::Rect(0, 55, 80, 3)) = cv::Scalar(kIgnoreLabel);
  return mask;
}

CopyPaste one_object() {
  CopyPaste row;
  row.count = {1, 1};
  return row;
}

Sample pasted(const CopyPaste& row, const Sample& into, const Sample& other, uint64_t key) {
  Sample result{into.image.clone(), into.mask.clone()};
  Rng rng(key);
  row.apply(result, GivenSamples({other}), rng);
  return result;
}

/// 255 where a class other than 0 and the ignore label stands.
cv::Mat object_pixels(const cv::Mat& mask) { return (mask != 0) & (mask != static_cast<double>(kIgnoreLabel)); }

TEST(CopyPaste, AnObjectKeepsItsShapeItsClassAndItsPixels) {
  for (const int channels : {1, 3, 7, 64})
    for (const double sigma : {0.0, 0.7, 2.0})
      for (uint64_t key = 0; key < 4; ++key) {
        const Sample other = sample_of(two_shapes(), channels), before = empty_scene({80, 64}, channels);
        CopyPaste row = one_object();
        row.sigma = {sigma, sigma};
        const Sample after = pasted(row, before, other, key);
        const cv::Mat shape = object_pixels(after.mask);
        const cv::Rect box = cv::boundingRect(shape);
        const int label = after.mask.at<uchar>(box.y + box.height / 2, box.x + 1);
        ASSERT_TRUE(label == 1 || label == 2);
        const cv::Rect source = cv::boundingRect(cv::Mat(other.mask == label));
        ASSERT_EQ(box.size(), source.size());
        const cv::Mat expected = other.mask(source) == label;
        EXPECT_EQ(difference(shape(box), expected), 0);
        EXPECT_EQ(difference((after.mask == label)(cv::Rect(box)), expected), 0);
        cv::Mat kept = after.mask.clone();
        before.mask.copyTo(kept, shape);
        EXPECT_EQ(difference(kept, before.mask), 0) << "labels around the object";
        cv::Mat pixels = after.image(box).clone();
        other.image(source).copyTo(pixels, expected);
        EXPECT_EQ(difference(pixels, after.image(box)), 0) << "pixels of the object";
        cv::Mat reached, untouched = after.image.clone();
        const int side = 2 * static_cast<int>(std::ceil(3 * sigma)) + 1;
        cv::dilate(shape, reached, cv::Mat::ones(side, side, CV_8UC1));
        before.image.copyTo(untouched, reached);
        EXPECT_EQ(difference(untouched, before.image), 0) << "pixels beyond the blended band";
      }
}

TEST(CopyPaste, TheSurroundingsAreBlendedByAGaussian) {
  // A half plane of ones beside zeros, pasted on -1. At the distance d from a straight edge, alpha is Phi(-d / sigma),
  // twice that where old and new surroundings are of the same class.
  Sample other{cv::Mat::zeros(41, 41, CV_32FC1), cv::Mat::zeros(41, 41, CV_8UC1)};
  other.mask(cv::Rect(0, 0, 20, 41)) = 1;
  other.image(cv::Rect(0, 0, 20, 41)) = 1;
  CopyPaste row = one_object();
  row.area = {0, 1};
  row.sigma = {2, 2};
  for (const int label : {0, 3}) {
    const Sample before{cv::Mat(41, 41, CV_32FC1, cv::Scalar(-1)), cv::Mat(41, 41, CV_8UC1, cv::Scalar(label))};
    const Sample after = pasted(row, before, other, 1);
    for (int x = 0; x < 20; ++x) EXPECT_EQ(after.image.at<float>(20, x), 1);
    for (int x = 20; x < 26; ++x) {
      const double phi = std::erfc((x - 19.5) / 2 / std::sqrt(2.0)) / 2;
      EXPECT_NEAR(after.image.at<float>(20, x), (label == 0 ? 2 : 1) * phi - 1, 0.02) << x;
    }
    for (int x = 26; x < 41; ++x) EXPECT_EQ(after.image.at<float>(20, x), -1);
  }
}

TEST(CopyPaste, WithoutAnObjectNothingChanges) {
  const Sample before = sample_of(two_shapes(), 3, 5);
  cv::Mat without = cv::Mat::zeros(64, 80, CV_8UC1);
  without(cv::Rect(5, 5, 20, 20)) = cv::Scalar(kIgnoreLabel);
  CopyPaste large = one_object();
  large.area = {0.5, 1};
  for (uint64_t key = 0; key < 10; ++key) {
    expect_same(pasted(CopyPaste(), before, sample_of(without), key), before);
    expect_same(pasted(large, before, sample_of(two_shapes()), key), before);
  }
}

TEST(CopyPaste, ClassesAreEquallyLikelyHoweverManyObjectsTheyHave) {
  cv::Mat mask = cv::Mat::zeros(40, 60, CV_8UC1);
  for (int i = 0; i < 9; ++i) mask(cv::Rect(3 + 6 * i, 4, 3, 3)) = 1;
  mask(cv::Rect(10, 20, 12, 8)) = 2;
  mask(cv::Rect(40, 20, 4, 4)) = 7;
  mask(cv::Rect(50, 20, 3, 3)) = 7;
  mask(cv::Rect(30, 35, 1, 1)) = 8;  // too small
  CopyPaste row = one_object();
  row.area = {0.001, 0.25};
  row.sigma = {0, 0};
  const Sample other = sample_of(mask, 1), before = sample_of(cv::Mat::zeros(40, 60, CV_8UC1), 1);
  std::map<int, int> counts;
  for (uint64_t key = 0; key < 2000; ++key) {
    double label = 0;
    cv::minMaxLoc(pasted(row, before, other, key).mask, nullptr, &label);
    ++counts[static_cast<int>(label)];
  }
  EXPECT_EQ(counts.size(), 3u);
  for (const int label : {1, 2, 7}) EXPECT_NEAR(counts[label], 667, 85) << label;
}

TEST(CopyPaste, OnlyObjectsWithinTheAreaLimitsArePasted) {
  cv::Mat mask = cv::Mat::zeros(50, 50, CV_8UC1);
  mask(cv::Rect(3, 3, 2, 2)) = 1;
  mask(cv::Rect(10, 10, 5, 5)) = 1;
  mask(cv::Rect(20, 20, 20, 20)) = 1;
  CopyPaste row = one_object();
  row.area = {0.009, 0.011};  // 25 of 2500 pixels
  const Sample other = sample_of(mask), before = empty_scene({50, 50});
  for (uint64_t key = 0; key < 30; ++key)
    EXPECT_EQ(cv::countNonZero(object_pixels(pasted(row, before, other, key).mask)), 25);
}

TEST(CopyPaste, ObjectsGoToEveryPlaceInTheCrop) {
  cv::Mat mask = cv::Mat::zeros(8, 8, CV_8UC1);
  mask(cv::Rect(2, 2, 4, 3)) = 1;
  CopyPaste row = one_object();
  row.area = {0, 1};
  std::map<std::pair<int, int>, int> places;
  for (uint64_t key = 0; key < 3000; ++key) {
    const cv::Mat after = pasted(row, sample_of(cv::Mat::zeros(8, 8, CV_8UC1), 1), sample_of(mask, 1), key).mask;
    const cv::Rect box = cv::boundingRect(after);
    ASSERT_EQ(box.size(), cv::Size(4, 3));
    ++places[{box.x, box.y}];
  }
  EXPECT_EQ(places.size(), 5u * 6);
  for (const auto& [place, count] : places) EXPECT_NEAR(count, 100, 45);
}

TEST(CopyPaste, AnObjectThatAnEdgeCutsStaysAtThatEdge) {
  cv::Mat mask = cv::Mat::zeros(40, 40, CV_8UC1);
  mask(cv::Rect(0, 10, 5, 6)) = 1;
  mask(cv::Rect(20, 33, 4, 7)) = 2;
  std::set<int> across;
  for (uint64_t key = 0; key < 60; ++key) {
    const cv::Mat after = pasted(one_object(), empty_scene({40, 40}), sample_of(mask), key).mask;
    const cv::Rect box = cv::boundingRect(object_pixels(after));
    if (cv::countNonZero(after == 1) > 0) {
      EXPECT_EQ(box.x, 0);
      across.insert(box.y);
    } else {
      EXPECT_EQ(box.y, 33);
      across.insert(1000 + box.x);
    }
  }
  EXPECT_GT(across.size(), 20u);
}

TEST(CopyPaste, TouchingClassesAreJoinedOnRequest) {
  cv::Mat cell = cv::Mat::zeros(60, 60, CV_8UC1);
  cv::circle(cell, {30, 30}, 9, 1, cv::FILLED);
  cv::circle(cell, {31, 29}, 4, 2, cv::FILLED);
  const cv::Rect box = cv::boundingRect(cell);
  std::set<int> labels_alone;
  for (uint64_t key = 0; key < 20; ++key) {
    CopyPaste row = one_object();
    const cv::Mat alone = pasted(row, empty_scene({60, 60}), sample_of(cell), key).mask;
    EXPECT_NE(cv::countNonZero(alone == 1) > 0, cv::countNonZero(alone == 2) > 0);
    labels_alone.insert(cv::countNonZero(alone == 1) > 0 ? 1 : 2);
    row.join_classes = true;
    const Sample joined = pasted(row, empty_scene({60, 60}), sample_of(cell), key);
    const cv::Rect at = cv::boundingRect(object_pixels(joined.mask));
    ASSERT_EQ(at.size(), box.size());
    cv::Mat expected = joined.mask(at).clone();
    cell(box).copyTo(expected, cell(box));
    EXPECT_EQ(difference(joined.mask(at), expected), 0);
    EXPECT_EQ(cv::countNonZero(object_pixels(joined.mask)), cv::countNonZero(cell));
  }
  EXPECT_EQ(labels_alone, (std::set<int>{1, 2}));
}

TEST(CopyPaste, PixelsThatTouchAtACornerAreOneObject) {
  cv::Mat mask = cv::Mat::zeros(30, 30, CV_8UC1);
  for (int i = 0; i < 6; ++i) mask.at<uchar>(10 + i, 10 + i) = 1;
  for (uint64_t key = 0; key < 10; ++key)
    EXPECT_EQ(cv::countNonZero(object_pixels(pasted(one_object(), empty_scene({30, 30}), sample_of(mask), key).mask)),
              6);
}

TEST(CopyPaste, SeveralObjectsArePastedEachOnce) {
  cv::Mat mask = cv::Mat::zeros(64, 64, CV_8UC1);
  mask(cv::Rect(10, 10, 5, 1)) = 1;
  mask(cv::Rect(20, 20, 5, 2)) = 1;
  mask(cv::Rect(30, 30, 5, 4)) = 2;
  mask(cv::Rect(30, 34, 5, 4)) = 3;  // touches it
  CopyPaste row;
  row.area = {0, 1};
  row.sigma = {0, 0};
  for (const bool joined : {false, true}) {
    row.join_classes = joined;
    for (int number = 1; number <= 6; ++number) {
      row.count = {1.0 * number, 1.0 * number};
      int most = 0;
      for (uint64_t key = 0; key < 40; ++key) {
        const cv::Mat after = pasted(row, empty_scene({64, 64}), sample_of(mask), key).mask;
        ASSERT_LE(cv::countNonZero(after == 1), 15);
        ASSERT_LE(cv::countNonZero(after == 2), 20);
        ASSERT_LE(cv::countNonZero(after == 3), 20);
        most = std::max(most, cv::countNonZero(object_pixels(after)));
      }
      EXPECT_EQ(most == 55, number >= (joined ? 3 : 4)) << number << " objects, at best none covering another";
    }
  }
}

}  // namespace
}  // namespace unet
