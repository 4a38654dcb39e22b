#include "data/samples/photometric.h"

#include <gtest/gtest.h>

#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

TEST(Photometric, EveryPhotometricRowChangesOnlyTheImage) {
  for (const int channels : {1, 3, 4}) {
    const Sample sample = smooth_sample(32, 32, channels);
    for (const std::string& name : photometric_augmentations().names()) {
      SCOPED_TRACE(name);
      const AugmentOptions options = enable_only({name});
      for (int64_t position = 0; position < 10; ++position) {
        const Sample result = augment(options, sample, {32, 32}, 1, 0, position);
        EXPECT_EQ(difference(result.mask, sample.mask), 0);
        EXPECT_GT(difference(result.image, sample.image), 1e-5);
        ASSERT_EQ(result.image.type(), CV_32FC(channels));
      }
    }
  }
}

TEST(Photometric, ValuesStayBetweenZeroAndOneUnderStrongChanges) {
  const Sample sample = random_sample(32, 32);
  AugmentOptions options = enable_only(photometric_augmentations().names());
  row_of<Brightness>(options, "brightness").shift = {-1, 1};
  row_of<Contrast>(options, "contrast").factor = {0, 10};
  row_of<Noise>(options, "noise").sigma = {1, 1};
  for (int64_t position = 0; position < 30; ++position) {
    const Sample result = augment(options, sample, {32, 32}, 1, 0, position);
    ASSERT_TRUE(cv::checkRange(result.image, true, nullptr, 0, 1 + 1e-6));
  }
}

TEST(Photometric, BrightnessAddsToEveryChannel) {
  const Sample sample = smooth_sample(16, 16, 3);
  AugmentOptions options = enable_only({"brightness"});
  row_of<Brightness>(options, "brightness").shift = {0.1, 0.1};
  const cv::Mat expected = sample.image + cv::Scalar::all(0.1);
  EXPECT_LT(difference(augment(options, sample, {16, 16}, 1, 0, 0).image, expected), 1e-6);
}

TEST(Photometric, ContrastKeepsEachChannelsMean) {
  const Sample sample = smooth_sample(16, 16, 3);
  sample.image += cv::Scalar(0, 0.1, 0.2);
  AugmentOptions options = enable_only({"contrast"});
  row_of<Contrast>(options, "contrast").factor = {0.5, 0.5};
  const cv::Scalar mean = cv::mean(sample.image);
  const cv::Mat expected = sample.image * 0.5 + mean * 0.5;
  EXPECT_LT(difference(augment(options, sample, {16, 16}, 1, 0, 0).image, expected), 1e-6);
}

TEST(Photometric, GammaIsAnExponent) {
  const Sample sample = smooth_sample(16, 16, 3);
  AugmentOptions options = enable_only({"gamma"});
  row_of<Gamma>(options, "gamma").gamma = {2, 2};
  EXPECT_LT(difference(augment(options, sample, {16, 16}, 1, 0, 0).image, sample.image.mul(sample.image)), 1e-5);
}

TEST(Photometric, NoiseHasItsDeviationAndDiffersBetweenChannels) {
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

TEST(Photometric, BlurSpreadsAPointAsAGaussian) {
  Sample sample{cv::Mat::zeros(31, 31, CV_32FC1), cv::Mat::zeros(31, 31, CV_8UC1)};
  sample.image.at<float>(15, 15) = 1;
  AugmentOptions options = enable_only({"blur"});
  row_of<Blur>(options, "blur").sigma = {1.5, 1.5};
  const Sample result = augment(options, sample, {31, 31}, 1, 0, 0);
  EXPECT_NEAR(cv::sum(result.image)[0], 1, 1e-4);
  EXPECT_NEAR(result.image.at<float>(15, 15), 1 / (2 * CV_PI * 1.5 * 1.5), 1e-3);
}

}  // namespace
}  // namespace unet
