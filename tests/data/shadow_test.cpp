#include "data/samples/shadow.h"

#include <gtest/gtest.h>

#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

cv::Mat shaded(const cv::Mat& image, uint64_t key, const IntensityScale& scale = {}, Range edge = {0.02, 0.2}) {
  Shadow row;
  row.strength = {0.5, 0.5};
  row.edge = edge;
  cv::Mat result = image.clone();
  Rng rng(key);
  row.apply(result, scale, rng);
  return result;
}

TEST(Shadow, OnlyDarkensDownToItsStrength) {
  const cv::Mat image = smooth_sample(40, 60, 3).image;
  for (uint64_t key = 0; key < 50; ++key) {
    const cv::Mat lost = image - shaded(image, key);
    double least = 0, most = 0;
    cv::minMaxLoc(lost.reshape(1), &least, &most);
    EXPECT_GE(least, 0);
    EXPECT_GT(most, 0.05);
    cv::minMaxLoc(cv::Mat(lost / image).reshape(1), &least, &most);
    EXPECT_LE(most, 0.5 + 1e-5);
  }
}

TEST(Shadow, CoversPartOfMostImagesInDifferentPlaces) {
  const cv::Mat white(40, 60, CV_32FC1, cv::Scalar(1));
  int partial = 0;
  for (uint64_t key = 0; key < 100; ++key) {
    const double covered = cv::countNonZero(shaded(white, key) < 0.75) / static_cast<double>(white.total());
    EXPECT_GT(covered, 0.01);
    if (covered < 0.95) ++partial;
  }
  EXPECT_GT(partial, 85);
  EXPECT_GT(difference(shaded(white, 1), shaded(white, 2)), 0.3);
  EXPECT_EQ(difference(shaded(white, 1), shaded(white, 1)), 0);
}

TEST(Shadow, ChannelsLoseTheSameShareOfTheirLight) {
  const IntensityScale scale{{0, -1000}, {1, 1000}, {0.1, 50}};
  const cv::Mat image(30, 30, CV_32FC2, cv::Scalar(0.8, 600));
  std::vector<cv::Mat> planes;
  cv::split(shaded(image, 3, scale), planes);
  const cv::Mat first = planes[0] / 0.8, second = (planes[1] + 1000) / 1600;
  EXPECT_LT(difference(first, second), 1e-5);
  EXPECT_GT(difference(first, cv::Mat::ones(30, 30, CV_32FC1)), 0.4);
}

TEST(Shadow, ASoftEdgeIsWiderThanAHardOne) {
  const cv::Mat white(64, 64, CV_32FC1, cv::Scalar(1));
  const auto steepest = [&](double edge) {
    double most = 0;
    for (uint64_t key = 0; key < 10; ++key) {
      const cv::Mat result = shaded(white, key, {}, {edge, edge});
      most = std::max({most, difference(result.colRange(1, 64), result.colRange(0, 63)),
                       difference(result.rowRange(1, 64), result.rowRange(0, 63))});
    }
    return most;
  };
  EXPECT_GT(steepest(0), 0.3) << "within a pixel or two";
  EXPECT_LE(steepest(0.25), 0.5 / 16 + 1e-5) << "0.5 over 16 pixels";
  EXPECT_GT(steepest(0.25), 0.02);
}

TEST(Shadow, BlackStaysBlack) {
  const IntensityScale scale{{-5}, {5}, {1}};
  const cv::Mat black(9, 9, CV_32FC1, cv::Scalar(-5)), blacker(9, 9, CV_32FC1, cv::Scalar(-6));
  EXPECT_EQ(difference(shaded(black, 1, scale), black), 0);
  EXPECT_EQ(difference(shaded(blacker, 1, scale), blacker), 0);
}

}  // namespace
}  // namespace unet
