#include "data/images/image_io.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/imgproc.hpp>

#include "tests/support/error_text.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

bool equal(const cv::Mat& a, const cv::Mat& b) {
  return a.type() == b.type() && a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0;
}

class ImageIo : public testing::Test {
 protected:
  /// Writes a file and returns its path.
  std::string save(const std::string& name, const std::string& bytes) const {
    write_bytes(folder_ / name, bytes);
    return folder_ / name;
  }
  TempFolder folder_;
};

TEST_F(ImageIo, ImagesReadBackExactly) {
  for (const std::string extension : {".png", ".tif", ".TIFF"})
    for (const int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_16UC4}) {
      const cv::Mat image = noise(type);
      write_image(folder_ / ("x" + extension), image);
      EXPECT_TRUE(equal(read_image(folder_ / ("x" + extension)).pixels, image)) << extension << " type " << type;
    }
  for (const std::string extension : {".bmp", ".webp"}) {
    const cv::Mat image = noise(CV_8UC3);
    write_bytes(folder_ / ("x" + extension), encode_image(extension, image));
    cv::Mat rgb;
    cv::cvtColor(image, rgb, cv::COLOR_BGR2RGB);
    EXPECT_TRUE(equal(read_image(folder_ / ("x" + extension)).pixels, rgb)) << extension;
  }
}

TEST_F(ImageIo, ChannelsAreInRgbOrder) {
  const cv::Mat red(16, 16, CV_8UC3, cv::Scalar(250, 10, 10));
  for (const std::string extension : {".png", ".jpg", ".tif", ".bmp", ".webp"}) {
    write_image(folder_ / ("red" + extension), red);
    const cv::Mat image = read_image(folder_ / ("red" + extension)).pixels;
    EXPECT_NEAR(image.at<cv::Vec3b>(8, 8)[0], 250, 4) << extension;
    EXPECT_NEAR(image.at<cv::Vec3b>(8, 8)[2], 10, 8) << extension;
  }
}

/// For orientations 1 to 8: blocks, numbered row by row as stored, as a viewer must show them. Source: Exif 2.32, tag
/// 0x0112.
const std::vector<std::vector<int>> kUpright[] = {
    {{1, 2, 3}, {4, 5, 6}},   {{3, 2, 1}, {6, 5, 4}},   {{6, 5, 4}, {3, 2, 1}},   {{4, 5, 6}, {1, 2, 3}},
    {{1, 4}, {2, 5}, {3, 6}}, {{4, 1}, {5, 2}, {6, 3}}, {{6, 3}, {5, 2}, {4, 1}}, {{3, 6}, {2, 5}, {1, 4}}};

cv::Mat blocks(const std::vector<std::vector<int>>& numbers) {
  cv::Mat small(static_cast<int>(numbers.size()), static_cast<int>(numbers[0].size()), CV_8UC1), large;
  for (int y = 0; y < small.rows; ++y)
    for (int x = 0; x < small.cols; ++x)
      small.at<uint8_t>(y, x) = static_cast<uint8_t>(40 * numbers[static_cast<size_t>(y)][static_cast<size_t>(x)]);
  cv::resize(small, large, {}, 16, 16, cv::INTER_NEAREST);
  return large;
}

TEST_F(ImageIo, ImageAndMaskAreTurnedUprightFromEveryOrientation) {
  const cv::Mat stored = blocks(kUpright[0]);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    TiffRecipe recipe;
    recipe.orientation = orientation;
    const std::string files[] = {
        insert_png_chunk(encode_image(".png", stored), png_chunk("eXIf", exif_block(orientation))),
        tiff_file(stored, recipe),
        jpeg_with_exif(encode_image(".jpg", stored), orientation),
    };
    const cv::Mat expected = blocks(kUpright[orientation - 1]);
    for (const std::string& bytes : files) {
      const cv::Mat image = read_image(save("x", bytes)).pixels, mask = read_mask(save("x", bytes)).values;
      ASSERT_EQ(image.size(), expected.size()) << orientation;
      EXPECT_LE(cv::norm(image, expected, cv::NORM_INF), 2) << orientation;
      EXPECT_LE(cv::norm(mask, expected, cv::NORM_INF), 2) << orientation;
    }
    cv::Mat color, expected_color;
    cv::cvtColor(stored, color, cv::COLOR_GRAY2BGR);
    cv::cvtColor(expected, expected_color, cv::COLOR_GRAY2BGR);
    EXPECT_TRUE(equal(read_image(save("x", webp_with_exif(encode_image(".webp", color), color, orientation))).pixels,
                      expected_color));
  }
}

TEST_F(ImageIo, LowBitDepthsAreIndicesInMasksAndFullRangeInImages) {
  const std::string two_bits = save("two.png", png_file(4, 1, 2, 0, {std::string(1, '\x1B')}));  // 0 1 2 3
  EXPECT_TRUE(equal(read_mask(two_bits).values, (cv::Mat_<uint8_t>(1, 4) << 0, 1, 2, 3)));
  EXPECT_TRUE(equal(read_image(two_bits).pixels, (cv::Mat_<uint8_t>(1, 4) << 0, 85, 170, 255)));
  const std::string one_bit = save("one.png", png_file(4, 1, 1, 0, {std::string(1, '\xA0')}));  // 1 0 1 0
  EXPECT_TRUE(equal(read_mask(one_bit).values, (cv::Mat_<uint8_t>(1, 4) << 1, 0, 1, 0)));
  EXPECT_TRUE(equal(read_image(one_bit).pixels, (cv::Mat_<uint8_t>(1, 4) << 255, 0, 255, 0)));
}

TEST_F(ImageIo, GrayWithAlphaBecomesRgba) {
  const cv::Mat image = read_image(save("x", png_file(2, 1, 8, 4, {std::string("\x0A\xFF\x14\x80")}))).pixels;
  ASSERT_EQ(image.type(), CV_8UC4);
  EXPECT_EQ(image.at<cv::Vec4b>(0, 0), cv::Vec4b(10, 10, 10, 255));
  EXPECT_EQ(image.at<cv::Vec4b>(0, 1), cv::Vec4b(20, 20, 20, 128));
}

TEST_F(ImageIo, PalettesBecomeColorsWithoutTheirTransparency) {
  const std::string table = png_chunk("PLTE", "abcxyz") + png_chunk("tRNS", std::string(1, '\0'));
  const cv::Mat image = read_image(save("x", png_file(2, 1, 8, 3, {std::string("\1\0", 2)}, table))).pixels;
  ASSERT_EQ(image.type(), CV_8UC3);
  EXPECT_EQ(image.at<cv::Vec3b>(0, 0), cv::Vec3b('x', 'y', 'z'));
  EXPECT_EQ(image.at<cv::Vec3b>(0, 1), cv::Vec3b('a', 'b', 'c'));
}

TEST_F(ImageIo, EveryTiffLayoutGivesTheSamePixels) {
  for (const int type : {CV_8UC1, CV_8UC3, CV_16UC3, CV_16UC1})
    for (const bool separate : {false, true})
      for (const bool tiled : {false, true})
        for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE}) {
          const cv::Mat image = noise(type);
          TiffRecipe recipe;
          recipe.photometric = image.channels() == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB;
          recipe.separate = separate;
          recipe.tiled = tiled;
          recipe.compression = compression;
          EXPECT_TRUE(equal(read_image(save("x.tif", tiff_file(image, recipe))).pixels, image))
              << type << ' ' << separate << ' ' << tiled << ' ' << compression;
        }
}

TEST_F(ImageIo, WhiteIsZeroAndPaletteTiffsAreReadAsDisplayed) {
  const cv::Mat image = noise(CV_8UC1);
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_MINISWHITE;
  EXPECT_TRUE(equal(read_image(save("x.tif", tiff_file(image, recipe))).pixels, ~image));
  recipe.photometric = PHOTOMETRIC_PALETTE;
  cv::Mat color;
  cv::cvtColor(image, color, cv::COLOR_GRAY2RGB);
  EXPECT_TRUE(equal(read_image(save("x.tif", tiff_file(image, recipe))).pixels, color));
}

TEST_F(ImageIo, MasksKeepTheirRawValues) {
  const cv::Mat small = noise(CV_8UC1), large = noise(CV_16UC1);
  EXPECT_TRUE(equal(read_mask(save("a", encode_image(".png", small))).values, small));
  EXPECT_TRUE(equal(read_mask(save("b", encode_image(".png", large))).values, large));
  EXPECT_TRUE(equal(read_mask(save("c", encode_image(".bmp", small))).values, small));
  cv::Mat three_equal;
  cv::cvtColor(small, three_equal, cv::COLOR_GRAY2BGRA);
  EXPECT_TRUE(equal(read_mask(save("d", encode_image(".png", three_equal))).values, small));
}

TEST_F(ImageIo, PaletteMasksAreIndicesOrColors) {
  const std::string table = png_chunk("PLTE", "abcxyz");
  const std::string path = save("x", png_file(2, 1, 8, 3, {std::string("\1\0", 2)}, table));
  const Mask mask = read_mask(path);
  EXPECT_TRUE(equal(mask.values, (cv::Mat_<uint8_t>(1, 2) << 1, 0)));
  ASSERT_GE(mask.palette.size(), 2u);
  EXPECT_EQ(mask.palette[1], cv::Vec3b('x', 'y', 'z'));
  const Mask colors = read_mask(path, {PaletteMode::colors});
  ASSERT_EQ(colors.values.type(), CV_8UC3);
  EXPECT_EQ(colors.values.at<cv::Vec3b>(0, 0), cv::Vec3b('x', 'y', 'z'));
  EXPECT_TRUE(colors.palette.empty());
}

TEST_F(ImageIo, EveryFormatWithAPaletteGivesItsIndices) {
  const cv::Mat indices = noise(CV_8UC1);
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_PALETTE;
  EXPECT_TRUE(equal(read_mask(save("x.tif", tiff_file(indices, recipe))).values, indices));
}

TEST_F(ImageIo, ColorMasksKeepTheirColors) {
  const cv::Mat colors = noise(CV_8UC3);
  cv::Mat rgb;
  cv::cvtColor(colors, rgb, cv::COLOR_BGR2RGB);
  EXPECT_TRUE(equal(read_mask(save("x", encode_image(".png", colors))).values, rgb));
}

TEST_F(ImageIo, AlphaHoldsLabelsOnlyWhereItIsAskedFor) {
  const std::string path = save("x", png_file(2, 1, 8, 4, {"\x0A\xFF\x14\x80"}));
  const std::string text = error_text(ErrorKind::data, [&] { read_mask(path); });
  EXPECT_NE(text.find("data.mask_channel: alpha"), std::string::npos) << text;
  EXPECT_TRUE(equal(read_mask(path, {PaletteMode::indices, MaskChannel::alpha}).values,
                    (cv::Mat_<uint8_t>(1, 2) << 0xFF, 0x80)));
}

TEST_F(ImageIo, MissingFilesAndFoldersAreRefused) {
  const auto read = [](const std::string& path) {
    return error_text(ErrorKind::missing_input, [&] { read_image(path).pixels; });
  };
  EXPECT_NE(read(folder_ / "no.png").find("no.png: cannot open: No such file"), std::string::npos);
  EXPECT_NE(read(folder_.path()).find("got a folder, expected a file"), std::string::npos);
}

std::string smooth_image_file(const std::string& extension) {
  cv::Mat smooth;
  cv::GaussianBlur(noise(CV_8UC3, 48, 48), smooth, {}, 2);
  return encode_image(extension, smooth);
}

TEST_F(ImageIo, FlippedBitsNeitherCrashNorPrint) {
  cv::RNG random(3);
  testing::internal::CaptureStderr();
  for (const std::string extension : {".png", ".jpg", ".tif", ".bmp", ".webp"}) {
    const std::string bytes = smooth_image_file(extension);
    int refused = 0;
    for (int i = 0; i < 300; ++i) {
      std::string damaged = bytes;
      const auto at = static_cast<size_t>(random.uniform(0, static_cast<int>(i % 2 == 0 ? bytes.size() : 60)));
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << random.uniform(0, 8));
      try {
        EXPECT_FALSE(read_image(save("x", damaged)).pixels.empty());
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::data);
        ++refused;
      }
    }
    EXPECT_GT(refused, 20) << extension;
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(ImageIo, ATruncatedJpegWithAnEndMarkerIsRefused) {
  const std::string bytes = smooth_image_file(".jpg");
  const std::string path = save("x.jpg", bytes.substr(0, bytes.size() * 3 / 4) + "\xFF\xD9");
  const std::string text = error_text(ErrorKind::data, [&] { read_image(path).pixels; });
  EXPECT_NE(text.find("damaged JPEG: Corrupt JPEG data: premature end"), std::string::npos) << text;
}

TEST_F(ImageIo, MetadataThatLibrariesWarnAboutPrintsNothing) {
  const std::string profile = png_chunk("iCCP", std::string("bad\0\0", 5) + "no profile");
  testing::internal::CaptureStderr();
  EXPECT_EQ(read_image(save("x.png", insert_png_chunk(smooth_image_file(".png"), profile))).pixels.rows, 48);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(ImageIo, WritingLeavesNoTemporaryFile) {
  write_image(folder_ / "a.png", noise(CV_8UC3));
  write_image(folder_ / "a.png", noise(CV_8UC1));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);
  EXPECT_EQ(read_image(folder_ / "a.png").pixels.channels(), 1);
}

TEST_F(ImageIo, FailedWritesNamePathAndReason) {
  const auto write = [&](const std::string& name, int type) {
    return error_text(ErrorKind::cannot_create, [&] { write_image(folder_ / name, noise(type)); });
  };
  const std::string text = write("no/such/a.png", CV_8UC1);
  EXPECT_NE(text.find("no/such/a.png"), std::string::npos) << text;
  EXPECT_NE(text.find("No such file or directory"), std::string::npos) << text;
  EXPECT_NE(write("a.gif", CV_8UC1).find("no image format for the extension '.gif', expected .png"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(ImageIo, TiffPagesHoldThePlanesAsFloats) {
  std::vector<cv::Mat> planes;
  for (int i = 0; i < 3; ++i) {
    planes.emplace_back(5, 7, CV_32FC1);
    cv::randu(planes.back(), -1, 1);
  }
  write_tiff_pages(folder_ / "p.tif", planes);
  TiffStream stream;
  const std::string bytes = read_file(folder_ / "p.tif");
  stream.source = bytes;
  const TiffHandle tiff = open_tiff(stream, "r");
  for (tdir_t page = 0; page < 3; ++page) {
    ASSERT_EQ(TIFFSetDirectory(tiff.get(), page), 1);
    cv::Mat plane(5, 7, CV_32FC1);
    for (int y = 0; y < 5; ++y) ASSERT_EQ(TIFFReadScanline(tiff.get(), plane.ptr(y), static_cast<uint32_t>(y), 0), 1);
    EXPECT_TRUE(equal(plane, planes[page]));
  }
}

TEST(ImageExtension, IsRecognizedInAnyCase) {
  for (const char* name : {"a.png", "b.JPG", "c.jpeg", "d.Tif", "e.tiff", "f.bmp", "g.webp"})
    EXPECT_TRUE(has_image_extension(name)) << name;
  for (const char* name : {"a.txt", "png", ".png", "a.png.bak", "a"}) EXPECT_FALSE(has_image_extension(name)) << name;
}

}  // namespace
}  // namespace unet
