#include "data/samples/clahe.h"

#include <gtest/gtest.h>

#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

cv::Mat with_clahe(const cv::Mat& image, double limit, int64_t grid) {
  Clahe row;
  row.clip_limit = {limit, limit};
  row.grid = grid;
  cv::Mat result = image.clone();
  Rng rng(1);
  row.apply(result, {}, rng);
  return result;
}

/// 8-bit image with all values from 0 to 255 and more dark than bright ones.
cv::Mat uneven_bytes(int side = 128) {
  cv::Mat noise(side, side, CV_32FC1), bytes;
  cv::RNG(3).fill(noise, cv::RNG::UNIFORM, 0, 1);
  cv::GaussianBlur(noise, noise, {}, 3);
  cv::normalize(noise, noise, 0, 1, cv::NORM_MINMAX);
  cv::pow(noise, 2, noise);
  noise.convertTo(bytes, CV_8U, 255);
  return bytes;
}

// OpenCV does not spread the remainder of the clipped pixels evenly: at most 64 pixels of a tile.
TEST(ClaheRow, EqualsOpenCvOnEightBitsInLargeTiles) {
  const cv::Mat bytes = uneven_bytes(512);
  for (const auto& [limit, grid] : {std::pair(2.0, 4), {4.0, 2}, {40.0, 1}, {1.0, 4}}) {
    cv::Mat expected;
    cv::createCLAHE(limit, {grid, grid})->apply(bytes, expected);
    expected.convertTo(expected, CV_32F, 1 / 255.0);
    EXPECT_LT(difference(with_clahe(as_float(bytes), limit, grid), expected), 2.1 / 255) << limit << " " << grid;
  }
}

TEST(ClaheRow, StaysInTheRangeOfTheImageAndRaisesTheContrastOfItsParts) {
  for (const auto& [factor, offset] : {std::pair(1.0, 0.0), {0.01, 0.3}, {4095.0, -1024.0}}) {
    const cv::Mat image = as_float(uneven_bytes()) * factor + offset, result = with_clahe(image, 4, 8);
    double low = 0, high = 0, least = 0, most = 0;
    cv::minMaxLoc(image, &low, &high);
    cv::minMaxLoc(result, &least, &most);
    EXPECT_GE(least, low - 1e-6 * factor);
    EXPECT_LE(most, high + 1e-6 * factor);
    EXPECT_GT(most - least, 0.7 * factor);
    cv::Scalar mean, before, after;
    const cv::Rect part(32, 32, 32, 32);
    cv::meanStdDev(image(part), mean, before);
    cv::meanStdDev(result(part), mean, after);
    EXPECT_GT(after[0], 1.1 * before[0]);
  }
}

TEST(ClaheRow, AddsTheChangeOfLumaToColors) {
  std::vector<cv::Mat> planes{as_float(uneven_bytes()), {}, {}, {}};
  cv::flip(planes[0], planes[1], 0);
  cv::flip(planes[0], planes[2], 1);
  cv::flip(planes[0], planes[3], -1);
  cv::Mat rgb, image;
  cv::merge(std::vector<cv::Mat>(planes.begin(), planes.begin() + 3), rgb);
  cv::merge(planes, image);
  cv::Mat luma;
  cv::cvtColor(rgb, luma, cv::COLOR_RGB2GRAY);
  const cv::Mat change = with_clahe(luma, 3, 8) - luma;
  EXPECT_GT(cv::norm(change, cv::NORM_INF), 0.05);
  std::vector<cv::Mat> changed;
  cv::split(with_clahe(image, 3, 8), changed);
  for (size_t c = 0; c < 3; ++c) EXPECT_LT(difference(changed[c], planes[c] + change), 1e-6) << c;
  EXPECT_LT(difference(changed[3], with_clahe(planes[3], 3, 8)), 1e-6);
}

TEST(ClaheRow, TakesSmallAndConstantImages) {
  const cv::Mat flat(5, 9, CV_32FC1, cv::Scalar(4));
  EXPECT_EQ(difference(with_clahe(flat, 2, 8), flat), 0);
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(2, 1), cv::Size(9, 17), cv::Size(70, 8)}) {
    const cv::Mat image = as_float(random_sample(size.height, size.width, 1).image);
    EXPECT_TRUE(cv::checkRange(with_clahe(image, 2, 64), true, nullptr, 0, 1 + 1e-6)) << size;
  }
}

}  // namespace
}  // namespace unet
