#include "data/samples/color.h"

#include <gtest/gtest.h>

#include <set>

#include "data/samples/many_channels.h"
#include "tests/support/augmentation_samples.h"

namespace unet {
namespace {

cv::Mat color_image(int channels = 3) { return smooth_sample(24, 20, channels).image; }

template <class Row>
cv::Mat recolored(const Row& row, const cv::Mat& image, uint64_t key = 1, const IntensityScale& scale = {}) {
  cv::Mat result = image.clone();
  Rng rng(key);
  row.apply(result, scale, rng);
  return result;
}

cv::Mat recolored_pixel(double degrees, const cv::Vec3f& pixel) {
  Hue hue;
  hue.degrees = {degrees, degrees};
  return recolored(hue, cv::Mat(1, 1, CV_32FC3, cv::Scalar(pixel[0], pixel[1], pixel[2])));
}

cv::Mat luma_of(const cv::Mat& image) {
  std::vector<cv::Mat> planes;
  cv::split(image, planes);
  return planes[0] * 0.299 + planes[1] * 0.587 + planes[2] * 0.114;
}

TEST(Hue, ZeroAndFullTurnsAreTheIdentity) {
  Hue hue;
  hue.degrees = {0, 0};
  EXPECT_LT(difference(recolored(hue, color_image()), color_image()), 1e-6);
  hue.degrees = {360, 360};
  EXPECT_LT(difference(recolored(hue, color_image()), color_image()), 1e-6);
}

TEST(Hue, KeepsLumaAndGrays) {
  Hue hue;
  hue.degrees = {75, 75};
  const cv::Mat image = color_image(), result = recolored(hue, image);
  EXPECT_GT(difference(result, image), 0.02);
  EXPECT_LT(difference(luma_of(result), luma_of(image)), 1e-6);
  const cv::Mat gray(4, 4, CV_32FC3, cv::Scalar::all(-300));
  EXPECT_LT(difference(recolored(hue, gray), gray), 1e-3);
}

// Golden, from Python: y = 0.299 r + 0.587 g + 0.114 b, u = 0.492 (b - y), v = 0.877 (r - y); (u, v) turned by 30
// degrees; r = y + v / 0.877, b = y + u / 0.492, g = (y - 0.299 r - 0.114 b) / 0.587.
TEST(Hue, RotatesTheColorDifferences) {
  const cv::Vec3f red = recolored_pixel(30, {0.8F, 0.2F, 0.1F}).at<cv::Vec3f>(0);
  EXPECT_NEAR(red[0], 0.6669485, 1e-5);
  EXPECT_NEAR(red[1], 0.3355741, 1e-5);
  EXPECT_NEAR(red[2], -0.2491192, 1e-5);
}

TEST(Saturation, OneIsTheIdentityAndZeroGivesLuma) {
  Saturation saturation;
  saturation.factor = {1, 1};
  EXPECT_LT(difference(recolored(saturation, color_image()), color_image()), 1e-6);
  saturation.factor = {0, 0};
  const cv::Mat gray = recolored(saturation, color_image());
  for (int c = 0; c < 3; ++c) {
    cv::Mat plane;
    cv::extractChannel(gray, plane, c);
    EXPECT_LT(difference(plane, luma_of(color_image())), 1e-6) << c;
  }
}

TEST(Saturation, ScalesTheDifferencesFromLumaInAnyRange) {
  Saturation saturation;
  saturation.factor = {2, 2};
  const cv::Mat image = color_image() * 3000 - cv::Scalar::all(1024);
  cv::Mat luma;
  cv::cvtColor(image, luma, cv::COLOR_RGB2GRAY);
  cv::cvtColor(luma, luma, cv::COLOR_GRAY2RGB);
  EXPECT_LT(difference(recolored(saturation, image), image * 2 - luma), 0.01);
}

TEST(Colors, AFourthChannelStaysAndOtherImagesStay) {
  const cv::Mat four = color_image(4);
  cv::Mat before, after;
  cv::extractChannel(four, before, 3);
  Hue hue;
  hue.degrees = {90, 90};
  Saturation saturation;
  saturation.factor = {0, 0};
  for (const cv::Mat& result : {recolored(hue, four), recolored(saturation, four)}) {
    EXPECT_GT(difference(result, four), 0.01);
    cv::extractChannel(result, after, 3);
    EXPECT_EQ(difference(after, before), 0);
  }
  for (const int channels : {1, 2, 5}) {
    EXPECT_EQ(difference(recolored(hue, color_image(channels)), color_image(channels)), 0);
    EXPECT_EQ(difference(recolored(saturation, color_image(channels)), color_image(channels)), 0);
  }
}

/// The channel of `image` that equals each channel of `result`, or -1.
std::vector<int> order_of(const cv::Mat& result, const cv::Mat& image) {
  std::vector<int> order;
  for (int c = 0; c < result.channels(); ++c) {
    int found = -1;
    for (int other = 0; other < image.channels(); ++other) {
      cv::Mat a, b;
      cv::extractChannel(result, a, c);
      cv::extractChannel(image, b, other);
      if (difference(a, b) == 0) found = other;
    }
    order.push_back(found);
  }
  return order;
}

TEST(ChannelShuffle, GivesEveryOtherOrderOfTheChannels) {
  std::set<std::vector<int>> orders;
  for (uint64_t key = 0; key < 100; ++key)
    orders.insert(order_of(recolored(ChannelShuffle(), color_image(), key), color_image()));
  EXPECT_EQ(orders, (std::set<std::vector<int>>{{0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}));
}

TEST(ChannelShuffle, IsAPermutationOfAnyNumberOfChannels) {
  for (const int channels : {2, 5, 64}) {
    const cv::Mat image = color_image(channels);
    const std::vector<int> order = order_of(recolored(ChannelShuffle(), image), image);
    EXPECT_EQ(std::set<int>(order.begin(), order.end()).size(), static_cast<size_t>(channels));
    EXPECT_EQ(std::count(order.begin(), order.end(), -1), 0);
  }
  EXPECT_EQ(difference(recolored(ChannelShuffle(), color_image(1)), color_image(1)), 0);
}

TEST(ChannelShuffle, ValuesMoveToTheRangeOfTheirNewChannel) {
  const IntensityScale scale{{0, -1000}, {1, 1000}, {0.1, 50}};
  const cv::Mat image(2, 2, CV_32FC2, cv::Scalar(0.25, 500)), result = recolored(ChannelShuffle(), image, 1, scale);
  EXPECT_NEAR(result.at<cv::Vec2f>(0)[0], 0.75, 1e-6);
  EXPECT_NEAR(result.at<cv::Vec2f>(0)[1], -500, 1e-3);
}

TEST(ChannelDrop, FillsChannelsWithTheirMeanAndKeepsAtLeastOne) {
  ChannelDrop drop;
  for (const auto& [channels, count, dropped] : {std::tuple(3, 1, 1), {3, 2, 2}, {3, 9, 2}, {7, 3, 3}, {1, 1, 0}}) {
    drop.count = count;
    const cv::Mat image = color_image(channels), result = recolored(drop, image);
    const std::vector<int> order = order_of(result, image);
    EXPECT_EQ(std::count(order.begin(), order.end(), -1), dropped) << channels << " " << count;
    const std::vector<double> means = channel_means(image), after = channel_means(result);
    for (int c = 0; c < channels; ++c) {
      cv::Mat plane;
      cv::extractChannel(result, plane, c);
      EXPECT_NEAR(after[static_cast<size_t>(c)], means[static_cast<size_t>(c)], 1e-6);
      if (order[static_cast<size_t>(c)] < 0) {
        EXPECT_EQ(difference(plane, cv::Mat(plane.size(), CV_32FC1, plane.at<float>(0))), 0);
      }
    }
  }
}

}  // namespace
}  // namespace unet
