#include "data/convert/regions.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "data/dataset/shapes.h"

namespace unet {
namespace {

using Corners = std::vector<cv::Point>;

std::vector<cv::Point2d> to_outline(const Corners& corners) { return {corners.begin(), corners.end()}; }

/// The pixels (1) that a region's shape covers.
cv::Mat drawn(const LabeledShape& shape, cv::Size size) { return draw_shapes({shape}, size); }

void expect_same_pixels(const cv::Mat& a, const cv::Mat& b, const char* what) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_EQ(cv::countNonZero(a != b), 0) << what << "\n" << a << "\n" << b;
}

/// Draws the borders, the joined border and the runs of every region, which must cover exactly its pixels.
void expect_exact(const cv::Mat& ids) {
  const Regions regions = find_regions(ids);
  int64_t pixels = 0;
  for (size_t i = 0; i < regions.items.size(); ++i) {
    const Region& region = regions.items[i];
    const auto number = static_cast<int>(i + 1);
    const cv::Mat wanted = (regions.numbers == number) / 255;
    LabeledShape borders{1}, joined{1}, runs{1};
    for (const Corners& border : region.borders) borders.outlines.push_back(to_outline(border));
    joined.outlines = {to_outline(joined_border(region))};
    runs.runs = RunLengths{ids.rows, ids.cols, run_lengths(regions.numbers, number, region.box)};
    expect_same_pixels(drawn(borders, ids.size()), wanted, "borders");
    expect_same_pixels(drawn(joined, ids.size()), wanted, "joined border");
    expect_same_pixels(drawn(runs, ids.size()), wanted, "runs");
    EXPECT_EQ(region.pixels, cv::countNonZero(wanted));
    std::vector<cv::Point> points;
    cv::findNonZero(wanted, points);
    EXPECT_EQ(region.box, cv::boundingRect(points));
    pixels += region.pixels;
  }
  EXPECT_EQ(pixels, cv::countNonZero(ids));
}

TEST(Regions, ARingHasAnOuterAndAnInnerBorder) {
  cv::Mat ids(5, 6, CV_32SC1, cv::Scalar(0));
  ids({1, 1, 4, 3}) = cv::Scalar(7);
  ids({2, 2, 2, 1}) = cv::Scalar(0);
  const Regions regions = find_regions(ids);
  ASSERT_EQ(regions.items.size(), 1u);
  const Region& ring = regions.items[0];
  EXPECT_EQ(ring.first, cv::Point(1, 1));
  EXPECT_EQ(ring.box, cv::Rect(1, 1, 4, 3));
  EXPECT_EQ(ring.pixels, 10);
  EXPECT_EQ(ring.borders, (std::vector<Corners>{{{5, 1}, {5, 4}, {1, 4}, {1, 1}}, {{4, 3}, {4, 2}, {2, 2}, {2, 3}}}));
  EXPECT_EQ(run_lengths(regions.numbers, 1, ring.box), (std::vector<uint32_t>{6, 3, 2, 1, 1, 1, 2, 1, 1, 1, 2, 3, 6}));
  expect_exact(ids);
}

TEST(Regions, PixelsThatTouchByACornerAreTwoRegionsAndNumbersDivide) {
  const cv::Mat ids = (cv::Mat_<int>(3, 3) << 1, 0, 2, 0, 1, 2, 3, 3, 2);
  EXPECT_EQ(find_regions(ids).items.size(), 4u);
  expect_exact(ids);
}

TEST(Regions, EveryShapeOfNoiseIsExact) {
  cv::RNG random(11);
  for (int round = 0; round < 40; ++round) {
    cv::Mat ids(random.uniform(1, 20), random.uniform(1, 20), CV_32SC1);
    random.fill(ids, cv::RNG::UNIFORM, 0, 2 + round % 3);
    expect_exact(ids);
  }
}

TEST(Regions, NestedRingsAndManyHolesAreExact) {
  cv::Mat ids(41, 41, CV_32SC1, cv::Scalar(1));
  for (int edge = 3; edge < 20; edge += 3) ids({edge, edge, 41 - 2 * edge, 41 - 2 * edge}) = cv::Scalar(edge % 2);
  expect_exact(ids);
  ids = cv::Scalar(1);
  for (int y = 1; y < 40; y += 2)
    for (int x = 1 + y % 4; x < 40; x += 3) ids.at<int>(y, x) = 0;
  EXPECT_EQ(find_regions(ids).items.size(), 1u);
  expect_exact(ids);
}

TEST(Regions, AnImageWithoutObjectsHasNone) {
  EXPECT_TRUE(find_regions(cv::Mat(4, 4, CV_32SC1, cv::Scalar(0))).items.empty());
  EXPECT_EQ(find_regions(cv::Mat(4, 4, CV_32SC1, cv::Scalar(2))).items.size(), 1u);
}

}  // namespace
}  // namespace unet
