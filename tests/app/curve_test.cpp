#include "app/pictures/curve.h"

#include <gtest/gtest.h>

#include <cmath>

namespace unet {
namespace {

const cv::Vec3b kBlue(0, 0, 255);

Curve falling_curve() {
  Curve curve;
  for (int i = 0; i <= 60; ++i) curve.x.push_back(1e-6 * std::pow(10, i / 10.0));
  CurveSeries line{"loss", "#0000ff", {}};
  for (size_t i = 0; i < curve.x.size(); ++i) line.y.push_back(1 - static_cast<double>(i) / 60);
  curve.series = {line};
  return curve;
}

/// Mean position of the pixels below the legend that have exactly this color, in the columns from `begin` to `end`;
/// (-1, -1) if there are none.
cv::Point middle_of(const cv::Mat& picture, const cv::Vec3b& color, int begin, int end) {
  constexpr int kLegend = 58;
  cv::Mat found;
  cv::inRange(picture.colRange(begin, end), color, color, found);
  found.rowRange(0, kLegend).setTo(0);
  std::vector<cv::Point> places;
  cv::findNonZero(found, places);
  if (places.empty()) return {-1, -1};
  cv::Point sum(0, 0);
  for (const cv::Point& place : places) sum += place;
  const int count = static_cast<int>(places.size());
  return {begin + sum.x / count, sum.y / count};
}

TEST(Curve, AFallingLineFallsEvenlyOverALogarithmicAxis) {
  const cv::Mat picture = draw_curve(falling_curve());
  const int y1 = middle_of(picture, kBlue, 200, 210).y, y2 = middle_of(picture, kBlue, 500, 510).y,
            y3 = middle_of(picture, kBlue, 800, 810).y;
  EXPECT_GT(y1, 0);
  EXPECT_LT(y1, y2);
  EXPECT_NEAR(y2 - y1, y3 - y2, 3);
}

TEST(Curve, TheMarkIsDrawnAtItsValue) {
  Curve curve = falling_curve();
  const cv::Vec3b red(214, 39, 40);
  EXPECT_EQ(middle_of(draw_curve(curve), red, 0, 960).x, -1);
  curve.marked_x = 1e-3;  // the middle of the axis
  const cv::Mat picture = draw_curve(curve);
  const int left = middle_of(picture, kBlue, 80, 90).y;
  EXPECT_GT(left, 0);
  EXPECT_NEAR(middle_of(picture, red, 0, 960).x, 72 + (960 - 72 - 32) / 2, 2);
}

TEST(Curve, AnUpperLimitKeepsOtherValuesReadable) {
  Curve curve = falling_curve();
  curve.series[0].y.front() = 1e30;
  curve.y_high = 1;
  const cv::Mat bounded = draw_curve(curve);
  EXPECT_NEAR(middle_of(bounded, kBlue, 500, 510).y, middle_of(draw_curve(falling_curve()), kBlue, 500, 510).y, 2);
}

TEST(Curve, ASingleValueIsDrawn) {
  Curve curve;
  curve.x = {0.01};
  curve.series = {{"loss", "#0000ff", {0.5}, true}};
  EXPECT_GT(middle_of(draw_curve(curve), kBlue, 60, 100).y, 60);
}

TEST(Curve, TicksAreRound) {
  EXPECT_EQ(round_ticks(0, 1, 5), (std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}));
  EXPECT_EQ(round_ticks(-3, 27, 6), (std::vector<double>{0, 5, 10, 15, 20, 25}));
  EXPECT_EQ(round_ticks(0.12, 0.131, 5), (std::vector<double>{0.12, 0.122, 0.124, 0.126, 0.128, 0.13}));
}

}  // namespace
}  // namespace unet
