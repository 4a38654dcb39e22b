#include "data/samples/jpeg_artifacts.h"

#include <gtest/gtest.h>

#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

cv::Mat compressed_copy(const cv::Mat& image, double quality) {
  JpegArtifacts row;
  row.quality = {quality, quality};
  cv::Mat result = image.clone();
  Rng rng(1);
  row.apply(result, {}, rng);
  return result;
}

/// Root mean square of the difference, in standard deviations of the image.
double relative_change(const cv::Mat& image, double quality) {
  cv::Mat mean, deviation;
  cv::meanStdDev(image.reshape(1), mean, deviation);
  const double root = std::sqrt(static_cast<double>(image.total() * static_cast<size_t>(image.channels())));
  return cv::norm(image.reshape(1), compressed_copy(image, quality).reshape(1)) / root / deviation.at<double>(0);
}

TEST(JpegArtifacts, ChangeLittleAtQuality100AndMuchAtQuality10) {
  for (const int channels : {1, 3, 4, 9}) {
    const cv::Mat image = smooth_sample(48, 40, channels).image;
    ASSERT_EQ(compressed_copy(image, 50).type(), image.type());
    EXPECT_LT(relative_change(image, 100), channels == 3 || channels == 4 ? 0.4 : 0.03) << "colors share their chroma";
    EXPECT_GT(relative_change(image, 10), 0.2) << channels;
    EXPECT_GT(relative_change(image, 10), 1.3 * relative_change(image, 90)) << channels;
  }
}

TEST(JpegArtifacts, GraysInThreeChannelsLoseNothingToChroma) {
  cv::Mat gray = smooth_sample(48, 40, 1).image, image;
  cv::cvtColor(gray, image, cv::COLOR_GRAY2RGB);
  EXPECT_LT(relative_change(image, 100), 0.03);
}

TEST(JpegArtifacts, ColorsKeepTheirOrder) {
  const cv::Mat image(16, 16, CV_32FC3, cv::Scalar(0.9, 0.5, 0.1));
  EXPECT_LT(difference(compressed_copy(image, 95), image), 0.02);
}

TEST(JpegArtifacts, AreTheSameRelativeToAnyRangeOfValues) {
  const cv::Mat image = smooth_sample(32, 32, 1).image;
  for (const auto& [factor, offset] : {std::pair(1.0 / 256, 0.0), {2000.0, -1024.0}, {1e-4, 0.5}}) {
    const cv::Mat scaled = image * factor + offset;
    EXPECT_LT(cv::norm(compressed_copy(scaled, 30), compressed_copy(image, 30) * factor + offset, cv::NORM_L1) /
                  static_cast<double>(image.total()),
              0.01 * factor);
    double low = 0, high = 0, least = 0, most = 0;
    cv::minMaxLoc(scaled, &low, &high);
    cv::minMaxLoc(compressed_copy(scaled, 5), &least, &most);
    EXPECT_GE(least, low - 1e-4 * factor);
    EXPECT_LE(most, high + 1e-4 * factor);
  }
}

TEST(JpegArtifacts, AConstantImageStays) {
  const cv::Mat image = cv::Mat(8, 8 * 5, CV_32FC1, cv::Scalar(-7)).reshape(5);
  EXPECT_EQ(difference(compressed_copy(image, 10).reshape(1), image.reshape(1)), 0);
}

}  // namespace
}  // namespace unet
