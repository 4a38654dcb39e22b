#include "data/samples/geometric.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <set>
#include <vector>

#include "configs/schema/ignore_label.h"
#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

/// Sample of 16x16 blocks of one class each. The first channel of the image is 60 times the class; the second is 255 at
/// pixels whose neighbors lie in the same block.
Sample block_sample(int height, int width) {
  Sample sample{cv::Mat(height, width, CV_8UC2), cv::Mat(height, width, CV_8UC1)};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const auto label = static_cast<uchar>(Rng::from(3, "block", y / 16, x / 16).below(4));
      const bool is_inner = std::min({y % 16, x % 16}) > 0 && std::max({y % 16, x % 16}) < 15;
      sample.mask.at<uchar>(y, x) = label;
      sample.image.at<cv::Vec2b>(y, x) = {static_cast<uchar>(60 * label), static_cast<uchar>(is_inner ? 255 : 0)};
    }
  return sample;
}

/// Expects that image and mask show the same class wherever only inner pixels of `block_sample` were interpolated, and
/// returns the share of such pixels.
double check_agreement(const Sample& sample) {
  int checked = 0;
  for (int y = 0; y < sample.mask.rows; ++y)
    for (int x = 0; x < sample.mask.cols; ++x) {
      const int label = sample.mask.at<uchar>(y, x);
      const auto shown = sample.image.at<cv::Vec2f>(y, x) * 255;
      if (label == kIgnoreLabel || shown[1] < 254.5F) continue;
      ++checked;
      EXPECT_NEAR(shown[0], 60 * label, 0.5) << "at " << x << ", " << y;
      if (testing::Test::HasFailure()) return 0;
    }
  return checked / static_cast<double>(sample.mask.total());
}

std::set<int> values_of(const cv::Mat& mask) {
  std::set<int> values;
  for (const uchar value : cv::Mat_<uchar>(mask)) values.insert(value);
  return values;
}

TEST(Geometric, FlipsArePixelPermutations) {
  for (const int side : {32, 33}) {
    const Sample sample = random_sample(side, side);
    Sample expected;
    cv::flip(sample.image, expected.image, 1);
    cv::flip(sample.mask, expected.mask, 1);
    expect_same(augment(enable_only({"horizontal_flip"}), sample, {side, side}, 1, 0, 0), expected);
    cv::flip(sample.image, expected.image, 0);
    cv::flip(sample.mask, expected.mask, 0);
    expect_same(augment(enable_only({"vertical_flip"}), sample, {side, side}, 1, 0, 0), expected);
  }
}

TEST(Geometric, QuarterTurnsArePixelPermutationsAndAllFourOccur) {
  for (const int side : {32, 33}) {
    const Sample sample = random_sample(side, side);
    std::vector<Sample> turned{{as_float(sample.image), sample.mask}};
    for (const int code : {cv::ROTATE_90_CLOCKWISE, cv::ROTATE_180, cv::ROTATE_90_COUNTERCLOCKWISE}) {
      Sample next;
      cv::rotate(turned[0].image, next.image, code);
      cv::rotate(turned[0].mask, next.mask, code);
      turned.push_back(next);
    }
    std::set<size_t> seen;
    const AugmentOptions options = enable_only({"quarter_turns"});
    for (int64_t position = 0; position < 40; ++position) {
      const Sample result = augment(options, sample, {side, side}, 1, 0, position);
      size_t which = 0;
      while (which < 4 && difference(result.mask, turned[which].mask) > 0) ++which;
      ASSERT_LT(which, 4u);
      expect_same(result, turned[which]);
      seen.insert(which);
    }
    EXPECT_EQ(seen.size(), 4u);
  }
}

TEST(Geometric, RotationTurnsCounterClockwise) {
  const Sample sample = block_sample(65, 65);
  AugmentOptions options = enable_only({"rotation"});
  row_of<Rotation>(options, "rotation").degrees = {90, 90};
  const Sample result = augment(options, sample, {65, 65}, 1, 0, 0);
  cv::Mat expected;
  cv::rotate(sample.mask, expected, cv::ROTATE_90_COUNTERCLOCKWISE);
  EXPECT_EQ(difference(result.mask, expected), 0);
}

TEST(Geometric, AScaleAboveOneEnlargesObjects) {
  Sample sample{cv::Mat::zeros(64, 64, CV_8UC1), cv::Mat::zeros(64, 64, CV_8UC1)};
  sample.mask(cv::Rect(24, 24, 16, 16)) = 1;
  AugmentOptions options = enable_only({"scale"});
  row_of<Scale>(options, "scale").factor = {2, 2};
  const Sample result = augment(options, sample, {64, 64}, 1, 0, 0);
  EXPECT_NEAR(cv::countNonZero(result.mask), 32 * 32, 70);
}

TEST(Geometric, ElasticWithoutDisplacementIsTheIdentity) {
  const Sample sample = random_sample(40, 30);
  AugmentOptions options = enable_only({"elastic"});
  row_of<Elastic>(options, "elastic").sigma = {0, 0};
  expect_same(augment(options, sample, {30, 40}, 1, 0, 0), sample);
}

TEST(Geometric, ElasticDisplacementsHaveTheirDeviationAndAreSmooth) {
  Elastic elastic;
  elastic.sigma = {10, 10};
  double squares = 0, steepest = 0;
  const int rounds = 200;
  for (int round = 0; round < rounds; ++round) {
    Warp warp{{96, 96}, {}, cv::Matx22d::eye(), {}};
    Rng rng = Rng::from(1, "test", round);
    elastic.compose(warp, rng);
    ASSERT_EQ(warp.displacement.size(), cv::Size(96, 96));
    const auto middle = warp.displacement.at<cv::Vec2f>(47, 47);  // at a control point
    squares += middle.dot(middle) / 2;
    const cv::Mat step = warp.displacement.colRange(1, 96) - warp.displacement.colRange(0, 95);
    steepest = std::max(steepest, cv::norm(step, cv::NORM_INF));
  }
  EXPECT_NEAR(std::sqrt(squares / rounds), 10, 1.2);
  EXPECT_LT(steepest, 4);
}

TEST(Geometric, ImageAndMaskMoveTogetherUnderEveryGeometricRow) {
  const Sample sample = block_sample(160, 160);
  for (const std::string& name : geometric_augmentations().names()) {
    SCOPED_TRACE(name);
    const AugmentOptions options = enable_only({name});
    for (int64_t position = 0; position < 20; ++position)
      ASSERT_GT(check_agreement(augment(options, sample, {96, 80}, 1, 0, position)), 0.2);
  }
}

TEST(Geometric, ImageAndMaskMoveTogetherUnderAllGeometricRowsAtOnce) {
  const Sample sample = block_sample(160, 160);
  const AugmentOptions options = enable_only(geometric_augmentations().names());
  for (int64_t position = 0; position < 40; ++position)
    ASSERT_GT(check_agreement(augment(options, sample, {96, 96}, 1, 0, position)), 0.1);
}

TEST(Geometric, EveryGeometricRowMovesPixels) {
  const Sample sample = random_sample(64, 64);
  for (const std::string& name : geometric_augmentations().names()) {
    int moved = 0;
    const AugmentOptions options = enable_only({name});
    for (int64_t position = 0; position < 10; ++position)
      moved += difference(augment(options, sample, {64, 64}, 1, 0, position).mask, sample.mask) > 0;
    EXPECT_GE(moved, 5) << name;
  }
}

TEST(Geometric, AMaskGetsNoNewValuesButIgnore) {
  Sample sample{cv::Mat(50, 60, CV_8UC1, cv::Scalar(9)), cv::Mat(50, 60, CV_8UC1)};
  for (uchar& value : cv::Mat_<uchar>(sample.mask)) value = 3;
  sample.mask(cv::Rect(20, 10, 20, 30)) = 200;
  const AugmentOptions options = enable_only(geometric_augmentations().names());
  std::set<int> seen;
  for (int64_t position = 0; position < 30; ++position)
    seen.merge(values_of(augment(options, sample, {64, 64}, 1, 0, position).mask));
  EXPECT_EQ(seen, (std::set<int>{3, 200, 255}));
}

TEST(Geometric, SourcesWiderThanOpenCvSupportsAreWarped) {
  const Sample sample = block_sample(64, 70000);
  const AugmentOptions options = enable_only({"rotation", "elastic"});
  for (int64_t position = 0; position < 5; ++position)
    EXPECT_GT(check_agreement(augment(options, sample, {64, 64}, 1, 0, position)), 0.1);
}

TEST(Geometric, ATinySourceFillsTheOutput) {
  const Sample sample{cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(255)), cv::Mat::zeros(1, 1, CV_8UC1)};
  const AugmentOptions options = enable_only(geometric_augmentations().names());
  const Sample result = augment(options, sample, {32, 32}, 1, 0, 0);
  EXPECT_EQ(difference(result.image, cv::Mat(32, 32, CV_32FC3, cv::Scalar::all(1))), 0);
  EXPECT_EQ(difference(augment(no_augmentation(), sample, {32, 32}, 1, 0, 0).image, result.image), 0);
}

}  // namespace
}  // namespace unet
