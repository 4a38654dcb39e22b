#include <gtest/gtest.h>

#include "data/check/data_check.h"
#include "data/dataset/read_sample.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

/// A training image with an EXIF orientation and a mask with or without one.
class MaskRotationTest : public testing::Test {
 protected:
  static constexpr int kQuarter = 6, kHalf = 3;

  /// Values that differ in every corner, so that each rotation shows.
  static cv::Mat marked(int height, int width) {
    cv::Mat values = cv::Mat::zeros(height, width, CV_8UC1);
    values(cv::Rect(0, 0, width / 2, height / 2)) = cv::Scalar(255);
    return values;
  }

  void add(const std::string& stem, const cv::Mat& image, int image_orientation, const cv::Mat& mask,
           int mask_orientation = 1) const {
    files_.add_file("train/images/" + stem + ".jpg", jpeg_with_exif(encode_image(".jpg", image), image_orientation));
    const std::string png = encode_image(".png", mask);
    files_.add_file(
        "train/masks/" + stem + ".png",
        mask_orientation == 1 ? png : insert_png_chunk(png, png_chunk("eXIf", exif_block(mask_orientation))));
  }

  RawSample read(const std::string& stem) const {
    return read_sample({stem, ImageFile(files_ / ("train/images/" + stem + ".jpg")),
                        MaskFile(files_ / ("train/masks/" + stem + ".png"))});
  }

  DataFiles files_;
};

TEST_F(MaskRotationTest, AMaskOfTheShownImageIsKept) {
  const cv::Mat image = marked(20, 32), shown = apply_orientation(image, kQuarter);
  add("a", image, kQuarter, shown);
  const RawSample raw = read("a");
  EXPECT_EQ(raw.rotation, MaskRotation::upright);
  EXPECT_EQ(cv::norm(raw.labels.values, shown, cv::NORM_INF), 0);
}

TEST_F(MaskRotationTest, AMaskOfTheStoredImageIsTurnedLikeIt) {
  const cv::Mat image = marked(20, 32);
  add("a", image, kQuarter, image);
  const RawSample raw = read("a");
  EXPECT_EQ(raw.rotation, MaskRotation::turned);
  EXPECT_EQ(raw.image.pixels.size(), cv::Size(20, 32));
  EXPECT_EQ(cv::norm(raw.labels.values, apply_orientation(image, kQuarter), cv::NORM_INF), 0);
  EXPECT_LT(cv::norm(raw.labels.values, raw.image.pixels, cv::NORM_INF), 100) << "image and mask show the same";
}

TEST_F(MaskRotationTest, AnOrientationThatOnlyTheMaskHasIsTakenBackIfTheSizesSayso) {
  const cv::Mat image = marked(20, 32);
  add("a", image, 1, image, kQuarter);
  const RawSample raw = read("a");
  EXPECT_EQ(raw.rotation, MaskRotation::turned);
  EXPECT_EQ(cv::norm(raw.labels.values, image, cv::NORM_INF), 0);
}

TEST_F(MaskRotationTest, EqualOrientationsAreNoQuestion) {
  const cv::Mat image = marked(20, 32);
  add("a", image, kQuarter, image, kQuarter);
  EXPECT_EQ(read("a").rotation, MaskRotation::equal);
}

TEST_F(MaskRotationTest, ADoubtIsCountedAndSaid) {
  const cv::Mat image = marked(20, 32), square = marked(24, 24);
  add("half", image, kHalf, image);
  add("square", square, kQuarter, square);
  add("plain", square, 1, square);
  add("stored", image, kQuarter, image);
  DataOptions options;
  options.dir = files_.dir();
  const DataReport report = check_data(open_dataset(options, {1}));
  EXPECT_TRUE(report.data.problems.empty()) << testing::PrintToString(texts_of(report.data.problems));
  EXPECT_TRUE(contains(testing::PrintToString(report.data.decisions),
                       "1 masks fit the stored image and are rotated like it, 2 masks would fit either way"));
  const auto doubts = std::count_if(report.warnings.begin(), report.warnings.end(), [](const Finding& finding) {
    return finding.kind == FindingKind::unclear_rotation;
  });
  EXPECT_EQ(doubts, 2);
}

TEST_F(MaskRotationTest, ExchangedSidesAreNeverToBeResized) {
  add("a", marked(20, 32), 1, marked(32, 20));
  const std::string text = error_text(ErrorKind::data, [&] { read("a"); });
  EXPECT_TRUE(contains(text, "Width and height are exchanged"));
  EXPECT_FALSE(contains(text, "resize")) << text;
}

TEST_F(MaskRotationTest, ImagesOfManyChannelsAreTurned) {
  cv::Mat image(2, 3, CV_32FC(64));
  cv::RNG(1).fill(image, cv::RNG::UNIFORM, 0, 1);
  const cv::Mat turned = apply_orientation(image, kQuarter);
  ASSERT_EQ(turned.size(), cv::Size(2, 3));
  EXPECT_EQ(turned.ptr<float>(0)[64 + 63], image.ptr<float>(0)[63]) << "stored top left is shown top right";
  EXPECT_EQ(
      cv::norm(apply_orientation(turned, opposite_orientation(kQuarter)).reshape(1), image.reshape(1), cv::NORM_INF),
      0);
}

}  // namespace
}  // namespace unet
