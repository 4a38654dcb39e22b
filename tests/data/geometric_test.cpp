#include "data/samples/geometric.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <set>
#include <vector>

#include "configs/schema/ignore_label.h"
#include "data/samples/deformation.h"
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

/// The warp of a plain crop of 40x30 pixels whose corner is at (12, 8) in an image of 100x80.
Warp plain_warp() {
  Warp warp;
  warp.output = {40, 30};
  warp.source = {100, 80};
  warp.center = cv::Point2d(12, 8) + center_of(warp.output);
  return warp;
}

/// The warp of a row alone.
template <class Row>
Warp warp_of(const Row& row, int64_t round = 0) {
  Warp warp = plain_warp();
  Rng rng = Rng::from(1, "test", round);
  row.compose(warp, rng);
  return warp;
}

TEST(Geometric, RangesOfTheIdentityGiveExactlyThePlainCrop) {
  const Sample sample = random_sample(80, 100);
  RandomResizedCrop region;
  region.area = region.ratio = {1, 1};
  Shear shear;
  Translation translation;
  shear.degrees = translation.shift = {0, 0};
  Perspective perspective;
  perspective.distortion = {0, 0};
  DenseElastic elastic;
  elastic.alpha = {0, 0};
  GridDistortion grid;
  grid.stretch = {0, 0};
  const Sample plain{sample.image({12, 8, 40, 30}), sample.mask({12, 8, 40, 30})};
  for (const Warp& warp :
       {warp_of(region), warp_of(shear), warp_of(translation), warp_of(perspective), warp_of(elastic), warp_of(grid)}) {
    const Sample got = apply_warp(warp, sample);
    EXPECT_EQ(cv::norm(got.image, plain.image, cv::NORM_INF), 0);
    EXPECT_EQ(cv::norm(got.mask, plain.mask, cv::NORM_INF), 0);
  }
}

TEST(Geometric, ATranslationByWholePixelsIsTheShiftedImage) {
  const Sample sample = random_sample(80, 100);
  Translation translation;
  translation.shift = {0.1, 0.1};  // 4 pixels to the right, 3 down
  const Sample got = apply_warp(warp_of(translation), sample);
  EXPECT_EQ(cv::norm(got.image, sample.image({8, 5, 40, 30}), cv::NORM_INF), 0);
  EXPECT_EQ(cv::norm(got.mask, sample.mask({8, 5, 40, 30}), cv::NORM_INF), 0);

  AugmentOptions options = enable_only({"translation"});
  row_of<Translation>(options, "translation").shift = {-0.25, -0.25};
  const Sample moved = augment(options, sample, {100, 80}, 1, 0, 0);
  EXPECT_EQ(difference(moved.mask({0, 0, 75, 60}), sample.mask({25, 20, 75, 60})), 0);
  EXPECT_LT(difference(moved.image({0, 0, 75, 60}), as_float(sample.image({25, 20, 75, 60}))), 1e-6);
  EXPECT_EQ(values_of(moved.mask.rowRange(60, 80)), std::set<int>{kIgnoreLabel});
}

TEST(Geometric, AShearMapsPointsAlongXThenAlongY) {
  Shear shear;
  shear.degrees = {45, 45};
  // (x, y) -> (x + y, y) -> (x + y, x + 2 y), so what is shown at (1, 0) was at (2, -1).
  const cv::Matx22d linear = warp_of(shear).linear;
  EXPECT_LT(cv::norm(linear - cv::Matx22d(2, -1, -1, 1)), 1e-12);
  shear.degrees = {-30, 30};
  for (int64_t round = 0; round < 20; ++round)
    EXPECT_NEAR(cv::determinant(warp_of(shear, round).linear), 1, 1e-12) << "areas stay the same";
}

TEST(Geometric, APerspectiveMovesCornersWithinItsLimitAndKeepsLinesStraight) {
  Perspective perspective;
  perspective.distortion = {0.1, 0.1};
  double furthest = 0;
  for (int64_t round = 0; round < 100; ++round) {
    const Warp warp = warp_of(perspective, round);
    const cv::Mat_<cv::Vec2f> positions = source_positions(warp);
    for (const int x : {0, 39})
      for (const int y : {0, 29}) {
        const cv::Vec2f moved = positions(y, x) - cv::Vec2f(static_cast<float>(12 + x), static_cast<float>(8 + y));
        furthest = std::max({furthest, std::abs(moved[0] / 40.0), std::abs(moved[1] / 30.0)});
      }
    for (const cv::Vec2f& middle : {positions(0, 17), positions(29, 30)}) {
      const bool is_top = middle == positions(0, 17);
      const cv::Vec2f begin = positions(is_top ? 0 : 29, 0), end = positions(is_top ? 0 : 29, 39);
      const cv::Vec2f a = middle - begin, b = end - begin;
      ASSERT_NEAR((a[0] * b[1] - a[1] * b[0]) / cv::norm(b), 0, 1e-3);
    }
  }
  EXPECT_LT(furthest, 0.11);
  EXPECT_GT(furthest, 0.085);
}

TEST(Geometric, ARandomRegionHasItsAreaAndLiesInTheImage) {
  RandomResizedCrop region;
  region.area = {0.25, 2};
  for (int64_t round = 0; round < 200; ++round) {
    const Warp warp = warp_of(region, round);
    const cv::Point2d half(warp.linear(0, 0) * 20, warp.linear(1, 1) * 15);
    const double share = half.x * half.y / (20 * 15), aspect = half.x / 20 / (half.y / 15);
    EXPECT_GE(share, 0.25 - 1e-9);
    EXPECT_LE(share, 2 + 1e-9);
    EXPECT_GE(aspect, 0.75 - 1e-9);
    EXPECT_LE(aspect, 1.33 + 1e-9);
    for (const cv::Point2d& corner : {warp.center - half, warp.center + half}) {
      EXPECT_GE(std::min(corner.x, corner.y), -0.5 - 1e-9);
      EXPECT_LE(corner.x, 99.5 + 1e-9);
      EXPECT_LE(corner.y, 79.5 + 1e-9);
    }
  }
}

TEST(Geometric, ARegionNeverReadsBeyondAnImageThatHoldsTheCrop) {
  const Sample sample = block_sample(32, 32);
  AugmentOptions options = enable_only({"random_resized_crop"});
  row_of<RandomResizedCrop>(options, "random_resized_crop").area = {0.5, 4};
  for (int64_t position = 0; position < 50; ++position)
    EXPECT_EQ(values_of(augment(options, sample, {32, 32}, 1, 0, position).mask).count(kIgnoreLabel), 0u);
}

TEST(Geometric, DenseElasticDisplacementsHaveTheDeviationOfASmoothedUniformField) {
  DenseElastic elastic;
  elastic.alpha = {90, 90};
  elastic.sigma = {6, 6};
  double squares = 0;
  const int rounds = 4;
  for (int round = 0; round < rounds; ++round) {
    Warp warp;
    warp.output = {300, 300};
    Rng rng = Rng::from(1, "test", round);
    elastic.compose(warp, rng);
    const cv::Mat inner = warp.displacement({50, 50, 200, 200}).clone().reshape(1);
    squares += inner.dot(inner) / static_cast<double>(inner.total());
  }
  // A Gaussian of deviation s divides the variance of white noise, 1/3 here, by 4 pi s^2.
  EXPECT_NEAR(std::sqrt(squares / rounds), 90 / std::sqrt(3.0) / (2 * 6 * std::sqrt(CV_PI)), 0.25);
}

TEST(Geometric, AGridDistortionKeepsTheBorderAndTheOrderOfColumnsAndRows) {
  GridDistortion grid;
  grid.stretch = {-0.9, 0.9};
  for (int64_t round = 0; round < 20; ++round) {
    const cv::Mat_<cv::Vec2f> positions = source_positions(warp_of(grid, round));
    for (int x = 1; x < 40; ++x) ASSERT_GT(positions(9, x)[0], positions(9, x - 1)[0]);
    for (int y = 1; y < 30; ++y) ASSERT_GT(positions(y, 9)[1], positions(y - 1, 9)[1]);
    EXPECT_EQ(positions(3, 11)[0], positions(27, 11)[0]) << "columns stay upright";
    EXPECT_NEAR(positions(0, 0)[0], 12, 2);
    EXPECT_NEAR(positions(29, 39)[1], 8 + 29, 2);
  }
}

TEST(Geometric, DisplacementsOfSeveralRowsAddUp) {
  Elastic elastic;
  GridDistortion grid;
  Warp both = plain_warp();
  Rng first = Rng::from(1, "test", 0), second = Rng::from(1, "test", 0);
  elastic.compose(both, first);
  grid.compose(both, second);
  const cv::Mat sum = warp_of(elastic).displacement + warp_of(grid).displacement;
  EXPECT_LT(difference(both.displacement, sum), 1e-5);
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
