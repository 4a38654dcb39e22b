#include "data/samples/noise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

/// Mean and variance of the values of a constant image, which the row is the only one to change.
template <class Row>
std::pair<double, double> moments_of(const Row& row, cv::Mat image, const IntensityScale& scale, const cv::Rect& part) {
  Rng rng(7);
  row.apply(image, scale, rng);
  cv::Scalar mean, deviation;
  cv::meanStdDev(image(part), mean, deviation);
  return {mean[0], deviation[0] * deviation[0]};
}

/// Left half at one value, right half at another.
cv::Mat two_values(double left, double right) {
  cv::Mat image(200, 400, CV_32FC1, cv::Scalar(left));
  image.colRange(200, 400).setTo(right);
  return image;
}

const cv::Rect kLeft(0, 0, 200, 200), kRight(200, 0, 200, 200);

TEST(Noise, HasItsDeviationAndDiffersBetweenChannels) {
  const Sample sample{cv::Mat(200, 200, CV_32FC3, cv::Scalar::all(0.5)), cv::Mat::zeros(200, 200, CV_8UC1)};
  AugmentOptions options = enable_only({"noise"});
  row_of<Noise>(options, "noise").sigma = {0.05, 0.05};
  const Sample result = augment(options, sample, {200, 200}, 1, 0, 0);
  cv::Scalar mean, deviation;
  cv::meanStdDev(result.image, mean, deviation);
  cv::Mat planes[3];
  cv::split(result.image, planes);
  for (int channel = 0; channel < 3; ++channel) {
    EXPECT_NEAR(mean[channel], 0.5, 0.002);
    EXPECT_NEAR(deviation[channel], 0.05, 0.002);
    EXPECT_GT(difference(planes[channel], planes[(channel + 1) % 3]), 0.05);
  }
}

TEST(PoissonNoise, NumbersHaveTheMeanAndVarianceOfThePoissonDistribution) {
  for (const double mean : {0.1, 1.0, 5.0, 19.0, 21.0, 400.0}) {
    Rng rng(3);
    double sum = 0, squares = 0;
    constexpr int kCount = 20000;
    for (int i = 0; i < kCount; ++i) {
      const double number = poisson_number(mean, rng.normal());
      ASSERT_EQ(number, std::round(number));
      ASSERT_GE(number, 0);
      sum += number;
      squares += number * number;
    }
    const double got = sum / kCount;
    EXPECT_NEAR(got, mean, 4 * std::sqrt(mean / kCount)) << mean;
    EXPECT_NEAR((squares / kCount - got * got) / mean, 1, 0.05) << mean;
  }
}

// Golden: the smallest k whose cumulative probability exp(-3) sum(3^i / i!) reaches that of the normal number.
TEST(PoissonNoise, SmallNumbersAreQuantiles) {
  const std::vector<std::pair<double, int>> quantiles{{-3, 0}, {-1, 1}, {0, 3}, {1, 5}, {2, 7}, {3, 9}};
  for (const auto& [normal, count] : quantiles) EXPECT_EQ(poisson_number(3, normal), count) << normal;
  EXPECT_EQ(poisson_number(0, 2), 0);
  EXPECT_EQ(poisson_number(-0.5, 2), -0.5);
}

TEST(PoissonNoise, VarianceIsProportionalToTheValueAndAsChosenAtTheMean) {
  PoissonNoise noise;
  noise.sigma = {0.1, 0.1};
  for (const IntensityScale& scale : {IntensityScale(), IntensityScale{{-100}, {1900}, {300}}}) {
    const double low = scale.is_plain() ? 0 : -100, width = scale.is_plain() ? 1 : 2000;
    const double unit = scale.is_plain() ? 1 : 300;
    const cv::Mat image = two_values(low + 0.2 * width, low + 0.8 * width);  // the mean is in the middle
    const auto [dark, dark_variance] = moments_of(noise, image.clone(), scale, kLeft);
    const auto [bright, bright_variance] = moments_of(noise, image.clone(), scale, kRight);
    const double at_mean = 0.1 * unit * 0.1 * unit;
    EXPECT_NEAR(dark, low + 0.2 * width, 0.003 * width);
    EXPECT_NEAR(bright, low + 0.8 * width, 0.003 * width);
    EXPECT_NEAR(dark_variance / at_mean, 0.4, 0.02);
    EXPECT_NEAR(bright_variance / at_mean, 1.6, 0.06);
  }
}

TEST(PoissonNoise, BlackAndConstantImagesHaveNoPhotons) {
  cv::Mat image(8, 8, CV_32FC2, cv::Scalar(0, 5));
  Rng rng(1);
  PoissonNoise().apply(image, {{0, 5}, {1, 5}, {0.2, 0}}, rng);
  EXPECT_EQ(difference(image, cv::Mat(8, 8, CV_32FC2, cv::Scalar(0, 5))), 0);
}

TEST(SpeckleNoise, VarianceIsProportionalToTheSquareOfTheValue) {
  SpeckleNoise noise;
  noise.sigma = {0.1, 0.1};
  for (const IntensityScale& scale : {IntensityScale(), IntensityScale{{-100}, {1900}, {300}}}) {
    const double low = scale.is_plain() ? 0 : -100, width = scale.is_plain() ? 1 : 2000;
    const cv::Mat image = two_values(low + 0.2 * width, low + 0.8 * width);
    const auto [dark, dark_variance] = moments_of(noise, image.clone(), scale, kLeft);
    const auto [bright, bright_variance] = moments_of(noise, image.clone(), scale, kRight);
    EXPECT_NEAR(dark, low + 0.2 * width, 0.002 * width);
    EXPECT_NEAR(bright, low + 0.8 * width, 0.004 * width);
    EXPECT_NEAR(dark_variance / (0.01 * 0.04 * width * width), 1, 0.04);
    EXPECT_NEAR(bright_variance / (0.01 * 0.64 * width * width), 1, 0.04);
  }
}

}  // namespace
}  // namespace unet
