#include "data/samples/boundary_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

/// Equation 2 of arXiv:1505.04597 with w_c = 1 by a loop over all pairs of pixels.
cv::Mat map_by_all_pairs(const cv::Mat& mask, const BoundaryWeights& weights) {
  std::vector<std::vector<cv::Point>> objects;
  for (int label = 1; label < kIgnoreLabel; ++label) {
    cv::Mat parts;
    const int count = cv::connectedComponents(mask == label, parts, 8, CV_32S);
    for (int part = 1; part < count; ++part) {
      std::vector<cv::Point> pixels;
      cv::findNonZero(parts == part, pixels);
      objects.push_back(pixels);
    }
  }
  cv::Mat map(mask.size(), CV_32F);
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) {
      std::vector<double> distances(2, std::numeric_limits<double>::infinity());
      for (const auto& object : objects) {
        double nearest = std::numeric_limits<double>::infinity();
        for (const cv::Point& pixel : object) nearest = std::min(nearest, std::hypot(pixel.x - x, pixel.y - y));
        distances.push_back(nearest);
      }
      std::sort(distances.begin(), distances.end());
      const double sum = distances[0] + distances[1];
      map.at<float>(y, x) =
          static_cast<float>(1 + weights.w0 * std::exp(-sum * sum / (2 * weights.sigma * weights.sigma)));
    }
  return map;
}

TEST(BoundaryMap, MatchesTheFormulaAtHand) {
  const cv::Mat mask = (cv::Mat_<uchar>(1, 5) << 1, 0, 0, 0, 1);
  const cv::Mat map = boundary_map(mask, {10, 5});
  const auto weight = 1 + 10 * std::exp(-16 / 50.0);  // d1 + d2 is 4 everywhere
  for (int x = 0; x < 5; ++x) EXPECT_NEAR(map.at<float>(0, x), weight, 1e-6) << x;
  EXPECT_NEAR(boundary_map(mask, {3, 2}).at<float>(0, 1), 1 + 3 * std::exp(-2.0), 1e-6);
}

TEST(BoundaryMap, ObjectsThatTouchHaveTheFullWeight) {
  const cv::Mat mask = (cv::Mat_<uchar>(1, 4) << 1, 1, 2, 2);
  const cv::Mat map = boundary_map(mask, {10, 5});
  EXPECT_NEAR(map.at<float>(0, 1), 1 + 10 * std::exp(-1 / 50.0), 1e-6);
  EXPECT_NEAR(map.at<float>(0, 0), 1 + 10 * std::exp(-4 / 50.0), 1e-6);
}

TEST(BoundaryMap, EqualsTheDistancesOfAllPairsOfPixels) {
  cv::RNG random(3);
  for (const double density : {0.02, 0.15, 0.5})
    for (const double sigma : {0.7, 2.0, 30.0}) {
      cv::Mat mask(21, 26, CV_8UC1);
      for (int y = 0; y < mask.rows; ++y)
        for (int x = 0; x < mask.cols; ++x) {
          const bool is_object = random.uniform(0.0, 1.0) < density;
          mask.at<uchar>(y, x) = static_cast<uchar>(is_object ? random.uniform(1, 4) : 0);
        }
      mask(cv::Rect(4, 4, 5, 3)) = cv::Scalar(kIgnoreLabel);
      const BoundaryWeights weights{10, sigma};
      EXPECT_LT(cv::norm(boundary_map(mask, weights), map_by_all_pairs(mask, weights), cv::NORM_INF), 2e-6)
          << density << ", " << sigma;
    }
}

TEST(BoundaryMap, AGapBetweenLargeObjectsIsWeightedInItsMiddle) {
  cv::Mat mask(40, 41, CV_8UC1, cv::Scalar(1));
  mask.colRange(18, 23) = cv::Scalar(0);
  const BoundaryWeights weights{10, 5};
  const cv::Mat map = boundary_map(mask, weights);
  EXPECT_LT(cv::norm(map, map_by_all_pairs(mask, weights), cv::NORM_INF), 2e-6);
  EXPECT_NEAR(map.at<float>(20, 20), 1 + 10 * std::exp(-36 / 50.0), 1e-6);
}

TEST(BoundaryMap, WithoutTwoObjectsAllWeightsAreOne) {
  cv::Mat mask = cv::Mat::zeros(9, 9, CV_8UC1);
  mask(cv::Rect(0, 0, 9, 2)) = cv::Scalar(kIgnoreLabel);
  for (int objects = 0; objects < 2; ++objects) {
    EXPECT_EQ(cv::norm(boundary_map(mask, {}), cv::Mat::ones(9, 9, CV_32F), cv::NORM_INF), 0);
    mask(cv::Rect(3, 3, 3, 3)) = cv::Scalar(2);
  }
}

}  // namespace
}  // namespace unet
