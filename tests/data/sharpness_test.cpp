#include "data/samples/sharpness.h"

#include <gtest/gtest.h>

#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

cv::Mat with_low_resolution(const cv::Mat& image, double factor) {
  LowResolution row;
  row.factor = {factor, factor};
  cv::Mat result = image.clone();
  Rng rng(1);
  row.apply(result, {}, rng);
  return result;
}

TEST(Sharpness, BlurSpreadsAPointAsAGaussian) {
  Sample sample{cv::Mat::zeros(31, 31, CV_32FC1), cv::Mat::zeros(31, 31, CV_8UC1)};
  sample.image.at<float>(15, 15) = 1;
  AugmentOptions options = enable_only({"blur"});
  row_of<Blur>(options, "blur").sigma = {1.5, 1.5};
  const Sample result = augment(options, sample, {31, 31}, 1, 0, 0);
  EXPECT_NEAR(cv::sum(result.image)[0], 1, 1e-4);
  EXPECT_NEAR(result.image.at<float>(15, 15), 1 / (2 * CV_PI * 1.5 * 1.5), 1e-3);
}

TEST(Sharpness, SharpenAddsTheDifferenceFromTheBlurredImage) {
  Sharpen row;
  row.amount = {1.5, 1.5};
  row.sigma = {1, 1};
  for (const int channels : {1, 3, 6}) {
    const cv::Mat image = smooth_sample(20, 24, channels).image;
    cv::Mat sharp = image.clone();
    Rng rng(1);
    row.apply(sharp, {}, rng);
    for (int c = 0; c < channels; ++c) {
      cv::Mat before, after, blurred;
      cv::extractChannel(image, before, c);
      cv::extractChannel(sharp, after, c);
      cv::GaussianBlur(before, blurred, {}, 1);
      EXPECT_LT(difference(after, before + 1.5 * (before - blurred)), 1e-6);
    }
    EXPECT_GT(difference(sharp, image), 0.01);
  }
}

TEST(Sharpness, LowResolutionAveragesBlocks) {
  cv::Mat image(8, 8, CV_32FC1);
  cv::RNG(1).fill(image, cv::RNG::UNIFORM, -500, 500);
  const cv::Mat result = with_low_resolution(image, 0.5);
  ASSERT_EQ(result.size(), image.size());
  // The corner pixel lies outside the middles of the small pixels, so it is the mean of its block.
  EXPECT_NEAR(result.at<float>(0, 0), cv::mean(image({0, 0, 2, 2}))[0], 1e-3);
  EXPECT_NEAR(result.at<float>(7, 7), cv::mean(image({6, 6, 2, 2}))[0], 1e-3);
  const double inside = 0.75 * cv::mean(image({0, 0, 2, 2}))[0] + 0.25 * cv::mean(image({2, 0, 2, 2}))[0];
  EXPECT_NEAR(result.at<float>(0, 1), inside, 1e-3);
}

TEST(Sharpness, LowResolutionKeepsSizeRangeAndConstants) {
  const cv::Mat image = as_float(random_sample(37, 23, 5).image),
                flat = cv::Mat(37, 23 * 5, CV_32FC1, cv::Scalar(3)).reshape(5);
  for (const double factor : {0.02, 0.3, 0.75}) {
    const cv::Mat result = with_low_resolution(image, factor);
    ASSERT_EQ(result.size(), image.size());
    ASSERT_EQ(result.type(), image.type());
    EXPECT_TRUE(cv::checkRange(result.reshape(1), true, nullptr, 0, 1));
    EXPECT_LT(difference(with_low_resolution(flat, factor).reshape(1), flat.reshape(1)), 1e-5);
  }
  EXPECT_LT(difference(with_low_resolution(image, 1), image), 1e-6);
  const auto roughness = [](const cv::Mat& plane) { return cv::norm(plane.colRange(1, 23), plane.colRange(0, 22)); };
  EXPECT_LT(roughness(with_low_resolution(image, 0.3)), 0.3 * roughness(image));
}

}  // namespace
}  // namespace unet
