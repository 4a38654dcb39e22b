#include <gtest/gtest.h>

#include <limits>

#include "data/images/png_writer.h"
#include "data/images/tiff_writer.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

Image reread(const std::string& bytes) {
  const TempFolder folder;
  write_bytes(folder / "image", bytes);
  return read_image(folder / "image");
}

void expect_equal_images(const Image& read, const Image& written, const std::string& what) {
  ASSERT_EQ(read.pixels.type(), written.pixels.type()) << what;
  EXPECT_EQ(cv::norm(read.pixels.reshape(1), written.pixels.reshape(1), cv::NORM_INF), 0) << what;
  EXPECT_EQ(read.has_alpha, written.has_alpha) << what;
  EXPECT_EQ(read.invalid.empty(), written.invalid.empty()) << what;
  if (written.invalid.empty()) return;
  EXPECT_EQ(cv::countNonZero(read.invalid != written.invalid), 0) << what;
}

TEST(ImageWriters, PngKeepsDepthColorsAndAlpha) {
  for (const int depth : {CV_8U, CV_16U})
    for (const int channels : {1, 3, 4}) {
      const Image image{noise(CV_MAKETYPE(depth, channels)), channels == 4};
      expect_equal_images(reread(encode_png(image.pixels)), image, std::to_string(image.pixels.type()));
    }
}

TEST(ImageWriters, PngKeepsIndicesAndTheirPalette) {
  const TempFolder folder;
  cv::Mat indices = noise(CV_8UC1) / 100;
  indices.at<uint8_t>(3, 4) = 255;
  std::vector<cv::Vec3b> palette(256, cv::Vec3b(1, 2, 3));
  palette[2] = {200, 100, 0};
  write_bytes(folder / "mask.png", encode_png(indices, palette));
  const Mask mask = read_mask(folder / "mask.png");
  EXPECT_EQ(cv::countNonZero(mask.values != indices), 0);
  EXPECT_EQ(mask.palette, palette);
}

TEST(ImageWriters, TiffKeepsAnyNumberOfChannelsAndAlpha) {
  for (const int depth : {CV_8U, CV_16U, CV_32F})
    for (const int channels : {1, 2, 3, 4, 5, 7})
      for (const bool has_alpha : {false, true}) {
        if (has_alpha && channels < 4) continue;
        cv::Mat pixels;
        noise(CV_MAKETYPE(CV_16U, channels)).convertTo(pixels, depth, depth == CV_32F ? -0.37 : 1);
        const Image image{pixels, has_alpha};
        expect_equal_images(reread(encode_tiff(image)), image, std::to_string(pixels.type()));
      }
}

TEST(ImageWriters, TiffKeepsWhichPixelsHaveNoValue) {
  for (const int type : {CV_32FC1, CV_32FC3, CV_16UC1, CV_8UC3}) {
    cv::Mat pixels;
    noise(CV_MAKETYPE(CV_8U, CV_MAT_CN(type))).convertTo(pixels, type);
    cv::Mat invalid(pixels.size(), CV_8UC1, cv::Scalar(0));
    invalid({2, 3, 5, 4}) = cv::Scalar(255);
    pixels({2, 3, 5, 4}) = cv::Scalar::all(0);
    pixels({20, 3, 5, 4}) = cv::Scalar::all(255);  // the first value that could stand for missing pixels is used
    const Image image{pixels, false, invalid};
    expect_equal_images(reread(encode_tiff(image)), image, std::to_string(type));
  }
}

}  // namespace
}  // namespace unet
