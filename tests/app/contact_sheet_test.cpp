#include "app/pictures/contact_sheet.h"

#include <gtest/gtest.h>

#include "app/pictures/drawing.h"
#include "app/pictures/palette.h"

namespace unet {
namespace {

const std::vector<std::string> kTitles{"title"};

ContactTile make_tile(int height, int width, const std::string& name = "name", bool suspicious = false) {
  return {cv::Mat(height, width, CV_8UC3, cv::Scalar(0, 200, 0)), name, {"line"}, suspicious};
}

int count_color(const cv::Mat& picture, const cv::Scalar& color) {
  cv::Mat found;
  cv::inRange(picture, color, color, found);
  return cv::countNonZero(found);
}

const cv::Scalar kTileColor(0, 200, 0);

TEST(ContactSheet, ShowsEveryTileInFullInRowsOfSix) {
  std::vector<ContactTile> tiles(7, make_tile(200, 150));
  const cv::Mat sheet = contact_sheet(kTitles, tiles, {"a", "b"}, {"#000000", "#ff8000"});
  EXPECT_EQ(sheet.type(), CV_8UC3);
  EXPECT_EQ(sheet.cols, 1256);
  EXPECT_EQ(count_color(sheet, kTileColor), 7 * 200 * 150);
  tiles.pop_back();
  EXPECT_LT(contact_sheet(kTitles, tiles, {"a", "b"}, {"#000000", "#ff8000"}).rows, sheet.rows - 200);
}

TEST(ContactSheet, FramesOnlySuspiciousTiles) {
  const cv::Scalar red(200, 30, 30);
  EXPECT_EQ(count_color(contact_sheet(kTitles, {make_tile(100, 200)}, {}, {}), red), 0);
  EXPECT_GE(count_color(contact_sheet(kTitles, {make_tile(100, 200, "name", true)}, {}, {}), red), 2 * 2 * 300);
}

TEST(ContactSheet, TextStaysInItsTile) {
  const std::string name(300, 'W');
  ContactTile first = make_tile(200, 200, name);
  first.lines = {name, name};
  const cv::Mat sheet = contact_sheet({name + name}, {first, make_tile(200, 200, "")}, {name + name}, {"#000000"});
  const int text_top = sheet.rows - 40;
  EXPECT_LT(count_color(sheet(cv::Rect(0, text_top, 216, 30)), kPaper), 216 * 30) << "the name is drawn";
  EXPECT_EQ(count_color(sheet(cv::Rect(208, text_top, 8, 30)), kPaper), 8 * 30) << "and ends before the next tile";
}

TEST(ContactSheet, AFileThatCannotBeReadHasAGrayTile) {
  const cv::Mat sheet = contact_sheet(kTitles, {{cv::Mat(), "broken.png", {"image cannot be read"}, true}}, {}, {});
  EXPECT_GT(count_color(sheet, cv::Scalar(225, 225, 225)), 100 * 100);
}

TEST(Drawing, LongTextIsShortenedInTheMiddle) {
  EXPECT_EQ(shortened("short.png", 200), "short.png");
  const std::string name = "abcdefghijklmnopqrstuvwxyz0123456789.png";
  const std::string shorter = shortened(name, 150);
  EXPECT_LE(text_width(shorter), 150);
  EXPECT_GT(text_width(shorter), 130);
  EXPECT_EQ(shorter.substr(0, 5), "abcde");
  EXPECT_EQ(shorter.substr(shorter.size() - 4), ".png");
  EXPECT_NE(shorter.find("..."), std::string::npos);
  EXPECT_EQ(shortened(name, 3), "");
}

TEST(Drawing, ANonAsciiCharacterHasTheWidthOfOne) {
  EXPECT_EQ(text_width("\xC3\xA4"), text_width("?"));
  EXPECT_LE(text_width(shortened(std::string(100, '\xC3') + "\xA4", 60)), 60);
}

TEST(Palette, AnOverlayDoesNotTintItsBackgroundClass) {
  const cv::Mat image(9, 9, CV_8UC3, cv::Scalar(10, 20, 30));
  const cv::Mat classes = cv::Mat::ones(9, 9, CV_8UC1);
  EXPECT_EQ(overlaid(image, classes, {"#ff8000", "#000000"}, 1).at<cv::Vec3b>(4, 4), cv::Vec3b(10, 20, 30));
  EXPECT_NE(overlaid(image, 0 * classes, {"#ff8000", "#000000"}, 1).at<cv::Vec3b>(4, 4), cv::Vec3b(10, 20, 30));
}

TEST(Palette, StripesCoverOnlyMarkedPixels) {
  cv::Mat picture(12, 12, CV_8UC3, cv::Scalar(10, 20, 30));
  cv::Mat where = cv::Mat::zeros(12, 12, CV_8UC1);
  where.colRange(6, 12) = cv::Scalar(255);
  stripe(picture, where);
  EXPECT_EQ(count_color(picture.colRange(0, 6), cv::Scalar(10, 20, 30)), 6 * 12);
  EXPECT_EQ(count_color(picture.colRange(6, 12), cv::Scalar(90, 90, 90)), 6 * 12 / 3);
  EXPECT_EQ(count_color(picture.colRange(6, 12), cv::Scalar(200, 200, 200)), 6 * 12 / 3);
}

TEST(Palette, OnlyDarkPicturesAreBrightened) {
  cv::Mat dark(100, 100, CV_8UC3, cv::Scalar(5, 5, 5));
  dark.rowRange(0, 10) = cv::Scalar(51, 51, 51);
  EXPECT_EQ(brightened(dark).at<cv::Vec3b>(0, 0), cv::Vec3b(255, 255, 255));
  EXPECT_EQ(brightened(dark).at<cv::Vec3b>(99, 0), cv::Vec3b(25, 25, 25));
  dark.rowRange(0, 10) = cv::Scalar(140, 140, 140);
  EXPECT_EQ(brightened(dark).at<cv::Vec3b>(0, 0), cv::Vec3b(140, 140, 140));
  EXPECT_LE(brightened(cv::Mat(9, 9, CV_8UC3, cv::Scalar(1, 1, 1))).at<cv::Vec3b>(0, 0)[0], 16) << "noise stays dark";
}

}  // namespace
}  // namespace unet
