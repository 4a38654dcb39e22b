#include "app/pictures/contrast.h"

#include <gtest/gtest.h>

#include <limits>

#include "app/pictures/outlines.h"

namespace unet {
namespace {

using Notes = std::vector<std::string>;

/// A ramp of values from `low` to `high` over 100x100 pixels.
cv::Mat ramp(int type, double low, double high) {
  cv::Mat image(100, 100, CV_64F);
  for (int i = 0; i < 10000; ++i) image.at<double>(i / 100, i % 100) = low + (high - low) * i / 9999;
  image.convertTo(image, type);
  return image;
}

TEST(Contrast, FewValuesOf16BitsAreStretchedAndSaid) {
  const DisplayImage shown = with_contrast(ramp(CV_16U, 1000, 3000), {}, Stretch::joint);
  ASSERT_EQ(shown.picture.type(), CV_8UC3);
  EXPECT_EQ(shown.picture.at<cv::Vec3b>(0, 0), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(shown.picture.at<cv::Vec3b>(99, 99), cv::Vec3b(255, 255, 255));
  EXPECT_NEAR(shown.picture.at<cv::Vec3b>(50, 0)[0], 128, 2);
  EXPECT_EQ(shown.notes, Notes{"contrast 1010 to 2990 of 65535"});
}

TEST(Contrast, ImagesThatUseTheirRangeAreShownAsStored) {
  const DisplayImage bytes = with_contrast(ramp(CV_8U, 20, 180), {}, Stretch::joint);
  EXPECT_EQ(bytes.picture.at<cv::Vec3b>(0, 0)[0], 20);
  EXPECT_EQ(bytes.picture.at<cv::Vec3b>(99, 99)[0], 180);
  EXPECT_EQ(bytes.notes, Notes{});
  const DisplayImage deep = with_contrast(ramp(CV_16U, 0, 65535), {}, Stretch::joint);
  EXPECT_EQ(deep.picture.at<cv::Vec3b>(99, 99)[0], 255);
  EXPECT_EQ(deep.notes, Notes{});
  const DisplayImage even = with_contrast(cv::Mat(9, 9, CV_8UC1, cv::Scalar(90)), {}, Stretch::joint);
  EXPECT_EQ(even.picture.at<cv::Vec3b>(4, 4), cv::Vec3b(90, 90, 90));
}

TEST(Contrast, NoiseOfAnEvenImageStaysFaint) {
  const DisplayImage shown = with_contrast(ramp(CV_8U, 100, 103), {}, Stretch::joint);
  EXPECT_LE(shown.picture.at<cv::Vec3b>(99, 99)[0] - shown.picture.at<cv::Vec3b>(0, 0)[0], 3 * 16);
}

TEST(Contrast, OutliersAndPixelsWithoutAValueDoNotCount) {
  cv::Mat image = ramp(CV_32F, -1, 1), invalid = cv::Mat::zeros(100, 100, CV_8UC1);
  image.at<float>(0, 50) = 1e9F;
  image.at<float>(0, 51) = std::numeric_limits<float>::quiet_NaN();
  image.rowRange(90, 100).setTo(-9999);
  invalid.rowRange(90, 100).setTo(255);
  const DisplayImage shown = with_contrast(image, invalid, Stretch::joint);
  EXPECT_NEAR(shown.picture.at<cv::Vec3b>(45, 0)[0], 128, 4);
  EXPECT_EQ(shown.picture.at<cv::Vec3b>(95, 5), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(shown.picture.at<cv::Vec3b>(0, 51), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(shown.notes, Notes{"contrast -0.991 to 0.791"});
}

TEST(Contrast, ColorsKeepTheirProportionsAndOtherChannelsDoNot) {
  cv::Mat image;
  cv::merge(std::vector<cv::Mat>{ramp(CV_16U, 0, 4000), ramp(CV_16U, 0, 2000), ramp(CV_16U, 0, 1000)}, image);
  const cv::Vec3b joint = with_contrast(image, {}, Stretch::joint).picture.at<cv::Vec3b>(90, 0);
  EXPECT_NEAR(joint[2], joint[1] / 2.0, 2);
  const DisplayImage apart = with_contrast(image, {}, Stretch::by_channel);
  EXPECT_NEAR(apart.picture.at<cv::Vec3b>(90, 0)[2], apart.picture.at<cv::Vec3b>(90, 0)[0], 2);
  EXPECT_EQ(apart.notes, Notes{"contrast by channel"});
}

TEST(Contrast, ShownChannelsAreSaid) {
  const auto notes_of = [](int channels, bool has_alpha) {
    Notes notes;
    const cv::Mat shown = shown_channels(cv::Mat::zeros(2, 2, CV_MAKETYPE(CV_16U, channels)), has_alpha, notes);
    EXPECT_EQ(shown.depth(), CV_16U);
    return std::pair(shown.channels(), notes);
  };
  EXPECT_EQ(notes_of(1, false), std::pair(1, Notes{}));
  EXPECT_EQ(notes_of(3, false), std::pair(3, Notes{}));
  EXPECT_EQ(notes_of(2, false), std::pair(3, Notes{"channels 0, 1: magenta, green"}));
  EXPECT_EQ(notes_of(2, true), std::pair(1, Notes{"alpha not shown"}));
  EXPECT_EQ(notes_of(4, true), std::pair(3, Notes{"alpha not shown"}));
  EXPECT_EQ(notes_of(4, false), std::pair(3, Notes{"channels 0-2 of 4 as RGB"}));
  EXPECT_EQ(notes_of(7, false), std::pair(3, Notes{"channels 0-2 of 7 as RGB"}));
}

double luma_of(const cv::Vec3b& rgb) { return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]; }

/// The largest difference in luma between the ground and the pixels at the left edge of a square of class 1.
double visibility(const cv::Vec3b& ground, const std::string& color) {
  cv::Mat picture(20, 20, CV_8UC3, cv::Scalar(ground[0], ground[1], ground[2]));
  cv::Mat classes = cv::Mat::zeros(20, 20, CV_8UC1);
  classes(cv::Rect(6, 6, 8, 8)) = 1;
  outline(picture, classes, {"#000000", color}, 0);
  double largest = 0;
  for (const int x : {5, 6})
    largest = std::max(largest, std::abs(luma_of(picture.at<cv::Vec3b>(10, x)) - luma_of(ground)));
  return largest;
}

TEST(Outlines, AreSeenOnEveryGroundInEveryColor) {
  for (const char* color : {"#000000", "#ffffff", "#0000ff", "#800000", "#f0e442", "#808080"})
    for (int gray = 0; gray <= 255; gray += 5)
      EXPECT_GT(visibility(cv::Vec3b::all(static_cast<uint8_t>(gray)), color), 50) << color << " on " << gray;
  EXPECT_GT(visibility({255, 255, 255}, "#f0e442"), 200) << "the dark line on white";
  EXPECT_GT(visibility({0, 0, 0}, "#000080"), 100) << "the bright line on black";
}

TEST(Outlines, AreOnePixelWideAndEndAtTheImage) {
  cv::Mat picture(20, 20, CV_8UC3, cv::Scalar(90, 90, 90));
  cv::Mat classes = cv::Mat::zeros(20, 20, CV_8UC1);
  classes(cv::Rect(0, 6, 10, 8)) = 1;
  classes(cv::Rect(10, 6, 4, 8)) = 2;
  classes.at<uint8_t>(0, 0) = 255;
  outline(picture, classes, {"#000000", "#ff8000", "#f0e442"}, 0);
  const cv::Vec3b ground(90, 90, 90), black(0, 0, 0), orange(255, 128, 0), yellow(240, 228, 66);
  const std::vector<cv::Vec3b> expected{ground, ground, black, yellow, ground, ground, yellow, black, ground};
  for (int x = 7; x < 16; ++x) EXPECT_EQ(picture.at<cv::Vec3b>(10, x), expected[static_cast<size_t>(x - 7)]) << x;
  EXPECT_EQ(picture.at<cv::Vec3b>(10, 0), ground) << "no line at the edge of the image";
  EXPECT_EQ(picture.at<cv::Vec3b>(6, 4), orange);
  EXPECT_EQ(picture.at<cv::Vec3b>(5, 4), black);
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 0), ground) << "ignored";
}

TEST(Outlines, LinesKeepTheHueOfTheirClass) {
  EXPECT_EQ(line_color({255, 128, 0}), cv::Vec3b(255, 128, 0));
  EXPECT_EQ(line_color({0, 0, 0}), cv::Vec3b(200, 200, 200));
  const cv::Vec3b blue = line_color({0, 0, 128});
  EXPECT_EQ(blue[2], 255);
  EXPECT_EQ(blue[0], blue[1]);
  EXPECT_LT(blue[0], 130);
}

}  // namespace
}  // namespace unet
