#include "data/samples/warp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "configs/schema/ignore_label.h"
#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

/// A random warp with perspective, and a displacement in every second one.
Warp random_warp(Rng& rng) {
  Warp warp;
  warp.output = {static_cast<int>(1 + rng.below(50)), static_cast<int>(1 + rng.below(50))};
  warp.center = {rng.uniform(-40, 130), rng.uniform(-40, 100)};
  for (double& value : warp.linear.val) value = rng.uniform(-1.5, 1.5);
  const double limit = 0.8 / (warp.output.width + warp.output.height);
  cv::Matx33d step = cv::Matx33d::eye();
  for (const int i : {0, 1, 3, 4}) step.val[i] += rng.uniform(-0.2, 0.2);
  for (const int i : {2, 5}) step.val[i] = rng.uniform(-5, 5);
  for (const int i : {6, 7}) step.val[i] = rng.uniform(-limit, limit);
  compose_projective(warp, step);
  if (rng.chance(0.5)) {
    warp.displacement.create(warp.output, CV_32FC2);
    cv::RNG(rng.bits()).fill(warp.displacement, cv::RNG::UNIFORM, -9, 9);
  }
  return warp;
}

/// Position in 0..length-1 that stands for `at`, mirrored without repeating the border.
int mirrored_index(int at, int length) { return cv::borderInterpolate(at, length, cv::BORDER_REFLECT_101); }

TEST(Warp, AProjectiveStepMapsAsItsHomographyBeforeTheLinearStep) {
  Rng rng(9);
  for (int round = 0; round < 50; ++round) {
    Warp warp;
    warp.output = {20, 30};
    warp.center = {50, 60};
    warp.linear = {rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(-1, 1)};
    const cv::Matx22d linear = warp.linear;
    cv::Matx33d step = cv::Matx33d::eye();
    for (const int i : {0, 1, 3, 4}) step.val[i] += rng.uniform(-0.2, 0.2);
    for (const int i : {2, 5}) step.val[i] = rng.uniform(-5, 5);
    for (const int i : {6, 7}) step.val[i] = rng.uniform(-0.01, 0.01);
    compose_projective(warp, step * 3.0);
    const cv::Mat_<cv::Vec2f> positions = source_positions(warp);
    for (const cv::Point pixel : {cv::Point(0, 0), cv::Point(19, 0), cv::Point(4, 22), cv::Point(19, 29)}) {
      const cv::Vec3d mapped = step * cv::Vec3d(pixel.x - 9.5, pixel.y - 14.5, 1);
      const cv::Point2d expected =
          cv::Point2d(50, 60) + linear * cv::Point2d(mapped[0] / mapped[2], mapped[1] / mapped[2]);
      const cv::Vec2f got = positions(pixel);
      ASSERT_NEAR(got[0], expected.x, 1e-4);
      ASSERT_NEAR(got[1], expected.y, 1e-4);
    }
  }
}

TEST(Warp, TheNeededPartHoldsEveryPixelThatIsRead) {
  const cv::Size source(90, 60);
  Rng rng(4);
  for (int round = 0; round < 400; ++round) {
    const Warp warp = random_warp(rng);
    const cv::Rect part = needed_part(warp, source);
    ASSERT_EQ(part & cv::Rect({}, source), part);
    const cv::Mat_<cv::Vec2f> positions = source_positions(warp);
    for (const cv::Vec2f& position : positions)
      for (const int step : {0, 1}) {
        const cv::Point read(mirrored_index(cvFloor(position[0]) + step, source.width),
                             mirrored_index(cvFloor(position[1]) + step, source.height));
        ASSERT_TRUE(part.contains(read)) << round << ": " << read << " is not in " << part;
      }
  }
}

TEST(Warp, ReadingOnlyTheNeededPartGivesTheWarpOfTheWholeImage) {
  const Sample sample = smooth_sample(60, 90, 1);
  Rng rng(5);
  for (int round = 0; round < 300; ++round) {
    const Warp warp = random_warp(rng);
    const cv::Mat positions = source_positions(warp);
    cv::Mat image, mask;
    cv::remap(sample.image, image, positions, cv::noArray(), cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
    cv::remap(sample.mask, mask, positions, cv::noArray(), cv::INTER_NEAREST, cv::BORDER_CONSTANT,
              cv::Scalar(kIgnoreLabel));
    const Sample got = apply_warp(warp, sample);
    ASSERT_LT(difference(got.image, image), 0.02);
    ASSERT_LE(cv::countNonZero(got.mask != mask), 2 + static_cast<int>(0.01 * static_cast<double>(mask.total())));
  }
}

/// A source that notes what was read.
class WatchedSample : public DecodedSample {
 public:
  using DecodedSample::DecodedSample;
  Sample region(const cv::Rect& part) const override {
    read |= part;
    return DecodedSample::region(part);
  }
  mutable cv::Rect read;
};

TEST(Warp, OfALargeImageOnlyTheNeededPartIsRead) {
  const Sample sample{cv::Mat::zeros(400, 500, CV_8UC1), cv::Mat::zeros(400, 500, CV_8UC1)};
  const WatchedSample watched(sample);
  Warp warp;
  warp.output = {32, 32};
  warp.center = {300, 200};
  cv::Matx33d step = cv::Matx33d::eye();
  step(2, 0) = 0.005;
  compose_projective(warp, step);
  apply_warp(warp, watched);
  EXPECT_EQ(watched.read, needed_part(warp, sample.image.size()));
  EXPECT_LT(watched.read.area(), 50 * 50);
}

}  // namespace
}  // namespace unet
