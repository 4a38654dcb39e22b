#include <gtest/gtest.h>

#include "app/pictures/palette.h"
#include "app/pictures/sheet.h"
#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

const std::vector<std::string> kColors{"#000000", "#ff8000", "#0080ff"};

TEST(Pictures, EveryClassHasItsColorAndIgnoredPixelsAreGray) {
  const cv::Mat classes = (cv::Mat_<uint8_t>(1, 4) << 0, 1, 2, kIgnoreLabel);
  const cv::Mat picture = colored(classes, kColors);
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 1), cv::Vec3b(255, 128, 0));
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 2), cv::Vec3b(0, 128, 255));
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 3), cv::Vec3b(128, 128, 128));
}

TEST(Pictures, AnOverlayDoesNotTintTheBackground) {
  const cv::Mat image(9, 9, CV_8UC3, cv::Scalar(10, 20, 30));
  cv::Mat classes = cv::Mat::zeros(9, 9, CV_8UC1);
  classes(cv::Rect(2, 2, 5, 5)) = 1;
  const cv::Mat picture = overlaid(image, classes, kColors);
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 0), cv::Vec3b(10, 20, 30));
  EXPECT_EQ(picture.at<cv::Vec3b>(2, 2), cv::Vec3b(255, 128, 0)) << "the outline has the color of the class";
  const auto inside = picture.at<cv::Vec3b>(4, 4);
  EXPECT_GT(inside[0], 10) << "tinted";
  EXPECT_LT(inside[0], 255) << "and transparent";
}

TEST(Pictures, SixteenBitAndGrayImagesBecomeViewable) {
  cv::Mat deep(2, 2, CV_16UC1, cv::Scalar(1000));
  deep.at<uint16_t>(0, 0) = 3000;
  const cv::Mat picture = viewable(deep);
  EXPECT_EQ(picture.type(), CV_8UC3);
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 0), cv::Vec3b(255, 255, 255));
  EXPECT_EQ(picture.at<cv::Vec3b>(1, 1), cv::Vec3b(0, 0, 0));
}

TEST(Pictures, ASampleSheetShowsWrongPixelsInRedAndKeepsNarrowImagesNarrow) {
  const cv::Mat image(50, 25, CV_8UC1, cv::Scalar(100));
  const cv::Mat truth = cv::Mat::zeros(50, 25, CV_8UC1);
  const auto reds = [&](const cv::Mat& prediction) {
    cv::Mat red;
    cv::inRange(sample_sheet({{"title", image, truth, prediction}}, {"a", "b", "c"}, kColors), cv::Scalar(214, 39, 40),
                cv::Scalar(214, 39, 40), red);
    return cv::countNonZero(red);
  };
  EXPECT_EQ(reds(truth), 0);
  EXPECT_EQ(reds(cv::Mat::ones(50, 25, CV_8UC1)), 256 * 128);
}

TEST(SampleSheet, ADarkImageIsShownBrighter) {
  const cv::Mat dark(32, 32, CV_8UC3, cv::Scalar(40, 40, 40)), classes = cv::Mat::zeros(32, 32, CV_8UC1);
  const cv::Mat sheet = sample_sheet({{"title", dark, classes, classes}}, {"a", "b", "c"}, kColors);
  EXPECT_GT(sheet.at<cv::Vec3b>(100, 100)[0], 200);
}

}  // namespace
}  // namespace unet
