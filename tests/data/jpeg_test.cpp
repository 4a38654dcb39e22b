// JPEG files of every color model and coding process.

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "data/images/image_io.h"
#include "tests/support/error_text.h"
#include "tests/support/image_bytes.h"
#include "tests/support/jpeg_file.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

class JpegFiles : public testing::Test {
 protected:
  Image image(const std::string& bytes) const {
    write_bytes(folder_ / "x.jpg", bytes);
    return read_image(folder_ / "x.jpg");
  }
  std::string refusal(const std::string& bytes) const {
    return error_text(ErrorKind::data, [&] { image(bytes); });
  }
  static void expect_color(const Image& image, const cv::Vec3b& expected, const std::string& which) {
    ASSERT_EQ(image.pixels.type(), CV_8UC3) << which;
    const cv::Mat color(image.pixels.size(), CV_8UC3, cv::Scalar(expected[0], expected[1], expected[2]));
    EXPECT_LE(cv::norm(image.pixels, color, cv::NORM_INF), 4) << which;
  }
  TempFolder folder_;
};

const std::vector<uint8_t> kOrange{200, 100, 50};

TEST_F(JpegFiles, EveryProcessAndSubsamplingOfColorsIsRead) {
  for (const bool progressive : {false, true})
    for (const bool arithmetic : {false, true})
      for (const int subsampling : {1, 2}) {
        JpegRecipe recipe;
        recipe.is_progressive = progressive;
        recipe.is_arithmetic = arithmetic;
        recipe.subsampling = subsampling;
        const Image found = image(jpeg_file(kOrange, recipe));
        expect_color(found, {200, 100, 50}, concat(progressive, arithmetic, subsampling));
        EXPECT_EQ(found.converted, "");
      }
}

TEST_F(JpegFiles, RgbIsNotTakenForYCbCr) {
  JpegRecipe recipe;
  recipe.stored = JCS_RGB;
  for (const bool marked : {false, true}) {
    recipe.has_adobe_marker = marked;
    expect_color(image(jpeg_file(kOrange, recipe)), {200, 100, 50}, marked ? "marked" : "by its channel names");
  }
}

TEST_F(JpegFiles, CmykAndYcckAreReadInverted) {
  const std::vector<uint8_t> inverted{200, 100, 50, 255};  // as Adobe's programs store it: 255 is no ink
  for (const J_COLOR_SPACE stored : {JCS_CMYK, JCS_YCCK})
    for (const int subsampling : {1, 2}) {
      JpegRecipe recipe{JCS_CMYK, stored, true};
      recipe.subsampling = subsampling;
      const Image found = image(jpeg_file(inverted, recipe));
      expect_color(found, {200, 100, 50}, concat(stored, " ", subsampling));
      EXPECT_EQ(found.converted, "CMYK");
    }
  expect_color(image(jpeg_file(inverted, {JCS_CMYK, JCS_CMYK, false})), {200, 100, 50}, "without a marker");
}

/// A JPEG with a color profile that has only its color space.
std::string with_profile(const std::string& jpeg, const std::string& color_space) {
  const std::string data = std::string("ICC_PROFILE\0\1\1", 14) + std::string(16, '\0') + color_space;
  return jpeg.substr(0, 2) + "\xFF\xE2" + big_endian(static_cast<uint32_t>(data.size() + 2), 2) + data + jpeg.substr(2);
}

TEST_F(JpegFiles, LabIsRefusedByItsProfile) {
  const std::string bytes = jpeg_file(kOrange, {});
  expect_color(image(with_profile(bytes, "RGB ")), {200, 100, 50}, "RGB");
  EXPECT_NE(refusal(with_profile(bytes, "Lab ")).find("x.jpg: JPEG of CIELab"), std::string::npos);
}

TEST_F(JpegFiles, LabInATiffIsConvertedAlsoIfCompressedAsJpeg) {
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_CIELAB;
  recipe.compression = COMPRESSION_JPEG;
  const cv::Mat lab(32, 32, CV_8UC3, cv::Scalar(255, 0, 0));
  const Image found = image(tiff_file(lab, recipe));
  expect_color(found, {255, 255, 255}, "white");
  EXPECT_EQ(found.converted, "CIELab");
}

TEST_F(JpegFiles, ProcessesThatAreNotReadAreNamed) {
  const std::string bytes = jpeg_file(kOrange, {});
  const size_t frame = bytes.find("\xFF\xC0");
  const auto with = [&](size_t at, int value) {
    std::string changed = bytes;
    changed[frame + at] = static_cast<char>(value);
    return refusal(changed);
  };
  EXPECT_NE(with(4, 12).find("x.jpg: JPEG of 12 bits per channel, expected 8"), std::string::npos) << with(4, 12);
  EXPECT_NE(with(1, 0xC3).find("x.jpg: lossless JPEG"), std::string::npos) << with(1, 0xC3);
  EXPECT_NE(with(1, 0xC5).find("x.jpg: hierarchical JPEG"), std::string::npos) << with(1, 0xC5);
}

TEST_F(JpegFiles, ScansWithoutEndAreRefused) {
  JpegRecipe recipe;
  recipe.is_progressive = true;
  const std::string bytes = jpeg_file(kOrange, recipe);
  const size_t scan = bytes.rfind("\xFF\xDA"), end = bytes.size() - 2;
  std::string many = bytes.substr(0, end);
  for (int i = 0; i < 100; ++i) many += bytes.substr(scan, end - scan);
  EXPECT_NE(refusal(many + "\xFF\xD9").find("scans, expected at most 100"), std::string::npos);
}

}  // namespace
}  // namespace unet
