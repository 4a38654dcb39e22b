#include "data/images/image_io.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "tests/support/equal_images.h"
#include "tests/support/error_text.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

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
      EXPECT_TRUE(is_same_image(read_image(folder_ / ("x" + extension)).pixels, image))
          << extension << " type " << type;
    }
  for (const std::string extension : {".bmp", ".webp"}) {
    const cv::Mat image = noise(CV_8UC3);
    write_bytes(folder_ / ("x" + extension), encode_image(extension, image));
    cv::Mat rgb;
    cv::cvtColor(image, rgb, cv::COLOR_BGR2RGB);
    EXPECT_TRUE(is_same_image(read_image(folder_ / ("x" + extension)).pixels, rgb)) << extension;
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
    EXPECT_TRUE(
        is_same_image(read_image(save("x", webp_with_exif(encode_image(".webp", color), color, orientation))).pixels,
                      expected_color));
  }
}

TEST_F(ImageIo, LowBitDepthsAreIndicesInMasksAndFullRangeInImages) {
  const std::string two_bits = save("two.png", png_file(4, 1, 2, 0, {std::string(1, '\x1B')}));  // 0 1 2 3
  EXPECT_TRUE(is_same_image(read_mask(two_bits).values, (cv::Mat_<uint8_t>(1, 4) << 0, 1, 2, 3)));
  EXPECT_TRUE(is_same_image(read_image(two_bits).pixels, (cv::Mat_<uint8_t>(1, 4) << 0, 85, 170, 255)));
  const std::string one_bit = save("one.png", png_file(4, 1, 1, 0, {std::string(1, '\xA0')}));  // 1 0 1 0
  EXPECT_TRUE(is_same_image(read_mask(one_bit).values, (cv::Mat_<uint8_t>(1, 4) << 1, 0, 1, 0)));
  EXPECT_TRUE(is_same_image(read_image(one_bit).pixels, (cv::Mat_<uint8_t>(1, 4) << 255, 0, 255, 0)));
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
          EXPECT_TRUE(is_same_image(read_image(save("x.tif", tiff_file(image, recipe))).pixels, image))
              << type << ' ' << separate << ' ' << tiled << ' ' << compression;
        }
}

TEST_F(ImageIo, WhiteIsZeroAndPaletteTiffsAreReadAsDisplayed) {
  const cv::Mat image = noise(CV_8UC1);
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_MINISWHITE;
  EXPECT_TRUE(is_same_image(read_image(save("x.tif", tiff_file(image, recipe))).pixels, ~image));
  recipe.photometric = PHOTOMETRIC_PALETTE;
  cv::Mat color;
  cv::cvtColor(image, color, cv::COLOR_GRAY2RGB);
  EXPECT_TRUE(is_same_image(read_image(save("x.tif", tiff_file(image, recipe))).pixels, color));
}

TEST_F(ImageIo, MasksKeepTheirRawValues) {
  const cv::Mat small = noise(CV_8UC1), large = noise(CV_16UC1);
  EXPECT_TRUE(is_same_image(read_mask(save("a", encode_image(".png", small))).values, small));
  EXPECT_TRUE(is_same_image(read_mask(save("b", encode_image(".png", large))).values, large));
  EXPECT_TRUE(is_same_image(read_mask(save("c", encode_image(".bmp", small))).values, small));
  cv::Mat three_equal;
  cv::cvtColor(small, three_equal, cv::COLOR_GRAY2BGRA);
  EXPECT_TRUE(is_same_image(read_mask(save("d", encode_image(".png", three_equal))).values, small));
}

TEST_F(ImageIo, PaletteMasksAreIndicesOrColors) {
  const std::string table = png_chunk("PLTE", "abcxyz");
  const std::string path = save("x", png_file(2, 1, 8, 3, {std::string("\1\0", 2)}, table));
  const Mask mask = read_mask(path);
  EXPECT_TRUE(is_same_image(mask.values, (cv::Mat_<uint8_t>(1, 2) << 1, 0)));
  ASSERT_GE(mask.palette.size(), 2u);
  EXPECT_EQ(mask.palette[1], cv::Vec3b('x', 'y', 'z'));
  const Mask colors = read_mask(path, {PaletteMode::colors});
  ASSERT_EQ(colors.values.type(), CV_8UC3);
  EXPECT_EQ(colors.values.at<cv::Vec3b>(0, 0), cv::Vec3b('x', 'y', 'z'));
  EXPECT_TRUE(colors.palette.empty());
}

TEST_F(ImageIo, EveryFormatWithAPaletteGivesItsIndices) {
  const cv::Mat indices = noise(CV_8UC1), few = indices & 127;
  EXPECT_TRUE(is_same_image(read_mask(save("x.gif", gif_file(40, 24, gif_frame(few), "abc"))).values, few));
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_PALETTE;
  EXPECT_TRUE(is_same_image(read_mask(save("x.tif", tiff_file(indices, recipe))).values, indices));
}

TEST_F(ImageIo, ColorMasksKeepTheirColors) {
  const cv::Mat colors = noise(CV_8UC3);
  cv::Mat rgb;
  cv::cvtColor(colors, rgb, cv::COLOR_BGR2RGB);
  EXPECT_TRUE(is_same_image(read_mask(save("x", encode_image(".png", colors))).values, rgb));
}

TEST_F(ImageIo, AlphaHoldsLabelsOnlyWhereItIsAskedFor) {
  const std::string path = save("x", png_file(2, 1, 8, 4, {"\x0A\xFF\x14\x80"}));
  const std::string text = error_text(ErrorKind::data, [&] { read_mask(path); });
  EXPECT_NE(text.find("data.mask_channel: alpha"), std::string::npos) << text;
  EXPECT_TRUE(is_same_image(read_mask(path, {PaletteMode::indices, MaskChannel::alpha}).values,
                            (cv::Mat_<uint8_t>(1, 2) << 0xFF, 0x80)));
}

TEST_F(ImageIo, MissingFilesAndFoldersAreRefused) {
  const auto read = [](const std::string& path) {
    return error_text(ErrorKind::missing_input, [&] { read_image(path).pixels; });
  };
  EXPECT_NE(read(folder_ / "no.png").find("no.png: cannot open: No such file"), std::string::npos);
  EXPECT_NE(read(folder_.path()).find("got a folder, expected a file"), std::string::npos);
}

/// The numbers of a matrix of integers as a TIFF or a NumPy array of other types.
template <class T>
cv::Mat numbers_as(const cv::Mat& integers, int type) {
  cv::Mat out(integers.size(), type);
  for (int y = 0; y < integers.rows; ++y)
    for (int x = 0; x < integers.cols; ++x) out.ptr<T>(y)[x] = static_cast<T>(integers.at<int32_t>(y, x));
  return out;
}

struct NumberCase {
  const char* numpy;
  int format;
  cv::Mat stored;
};

TEST_F(ImageIo, NumbersOfEveryTypeAreReadAsTheyAre) {
  const cv::Mat values = (cv::Mat_<int32_t>(2, 3) << 0, 1, 2, 3, 100, 127);
  const NumberCase cases[] = {{"|u1", SAMPLEFORMAT_UINT, numbers_as<uint8_t>(values, CV_8UC1)},
                              {"|i1", SAMPLEFORMAT_INT, numbers_as<int8_t>(values, CV_8UC1)},
                              {"<u2", SAMPLEFORMAT_UINT, numbers_as<uint16_t>(values, CV_16UC1)},
                              {"<i2", SAMPLEFORMAT_INT, numbers_as<int16_t>(values, CV_16UC1)},
                              {"<u4", SAMPLEFORMAT_UINT, values},
                              {"<i4", SAMPLEFORMAT_INT, values},
                              {"<f4", SAMPLEFORMAT_IEEEFP, numbers_as<float>(values, CV_32FC1)},
                              {"<u8", SAMPLEFORMAT_UINT, numbers_as<uint64_t>(values, CV_64FC1)},
                              {"<i8", SAMPLEFORMAT_INT, numbers_as<int64_t>(values, CV_64FC1)},
                              {"<f8", SAMPLEFORMAT_IEEEFP, numbers_as<double>(values, CV_64FC1)}};
  for (const NumberCase& row : cases)
    for (const bool is_tiff : {true, false}) {
      TiffRecipe recipe;
      recipe.format = row.format;
      const std::string path =
          save("x", is_tiff ? tiff_file(row.stored, recipe) : npy_file(row.numpy, "(2, 3)", raw_bytes(row.stored)));
      cv::Mat labels;
      read_mask(path).values.convertTo(labels, CV_32S);
      EXPECT_TRUE(is_same_image(labels, values)) << row.numpy << is_tiff;
      const cv::Mat image = read_image(path).pixels;
      const bool is_small = row.stored.depth() <= CV_16U && row.format == SAMPLEFORMAT_UINT;
      EXPECT_EQ(image.depth(), is_small ? row.stored.depth() : CV_32F) << row.numpy << is_tiff;
      cv::Mat back;
      image.convertTo(back, CV_32S);
      EXPECT_TRUE(is_same_image(back, values)) << row.numpy << is_tiff;
    }
}

TEST_F(ImageIo, HalfFloatsAndNegativeNumbersAreRead) {
  const cv::Mat halves = (cv::Mat_<uint16_t>(1, 4) << 0x3C00, 0xC100, 0x0001, 0x7BFF);
  const cv::Mat expected = (cv::Mat_<float>(1, 4) << 1.0F, -2.5F, 5.9604645e-8F, 65504.0F);
  TiffRecipe recipe;
  recipe.format = SAMPLEFORMAT_IEEEFP;
  EXPECT_TRUE(is_same_image(read_image(save("x", tiff_file(halves, recipe))).pixels, expected));
  EXPECT_TRUE(is_same_image(read_image(save("x", npy_file("<f2", "(1, 4)", raw_bytes(halves)))).pixels, expected));
  recipe.format = SAMPLEFORMAT_INT;
  const cv::Mat negative = (cv::Mat_<int16_t>(1, 2) << -1000, 2000);
  EXPECT_TRUE(
      is_same_image(read_image(save("x", tiff_file(negative, recipe))).pixels, (cv::Mat_<float>(1, 2) << -1000, 2000)));
}

TEST_F(ImageIo, IntegersBeyond32BitsBecomeFloatsInImagesAndAreNoLabels) {
  const std::string path = save("x", npy_file("<u4", "(1, 2)", little_endian(0xFFFFFFFF, 4) + little_endian(7, 4)));
  EXPECT_TRUE(is_same_image(read_image(path).pixels, (cv::Mat_<float>(1, 2) << 4294967296.0F, 7)));
  EXPECT_NE(error_text(ErrorKind::data, [&] { read_mask(path); }).find("no whole numbers of 32 bits"),
            std::string::npos);
}

TEST_F(ImageIo, PackedSamplesAreRawInMasksAndFullRangeInImages) {
  TiffRecipe recipe;
  recipe.bits = 12;
  recipe.columns = 2;
  recipe.compression = COMPRESSION_NONE;
  const std::string path = save("x", tiff_file((cv::Mat_<uint8_t>(1, 3) << 0xFF, 0xF1, 0x23), recipe));
  EXPECT_TRUE(is_same_image(read_mask(path).values, (cv::Mat_<uint16_t>(1, 2) << 0xFFF, 0x123)));
  EXPECT_TRUE(
      is_same_image(read_image(path).pixels, (cv::Mat_<uint16_t>(1, 2) << 0xFFFF, 4657)));  // 291 * 65535 / 4095
}

TEST_F(ImageIo, ManyChannelsAreReadInterleavedAndPlanar) {
  for (const bool separate : {false, true})
    for (const bool tiled : {false, true}) {
      const cv::Mat image = noise(CV_16UC(7));
      TiffRecipe recipe;
      recipe.separate = separate;
      recipe.tiled = tiled;
      recipe.extra_samples = std::vector<uint16_t>(6, EXTRASAMPLE_UNSPECIFIED);
      recipe.orientation = 6;
      const Image found = read_image(save("x", tiff_file(image, recipe)));
      EXPECT_FALSE(found.has_alpha);
      ASSERT_EQ(found.pixels.type(), image.type());
      ASSERT_EQ(found.pixels.size(), cv::Size(24, 40));
      for (int c = 0; c < 7; ++c)  // turned clockwise: the left column from below becomes the top row
        EXPECT_EQ(found.pixels.ptr<uint16_t>(2, 3)[c], image.ptr<uint16_t>(24 - 1 - 3, 2)[c]) << separate << tiled << c;
    }
}

TEST_F(ImageIo, NanAndGdalsNoDataValueAreInvalid) {
  TiffRecipe recipe;
  recipe.format = SAMPLEFORMAT_IEEEFP;
  cv::Mat heights = (cv::Mat_<float>(1, 4) << 1, std::numeric_limits<float>::quiet_NaN(), -3.40282347e+38F, 4);
  EXPECT_EQ(cv::countNonZero(read_image(save("x", tiff_file(heights, recipe))).invalid), 1);
  recipe.no_data = "-3.40282346638529e+38";
  const std::string path = save("x", tiff_file(heights, recipe));
  const Image image = read_image(path);
  EXPECT_TRUE(is_same_image(image.invalid, (cv::Mat_<uint8_t>(1, 4) << 0, 255, 255, 0)));
  EXPECT_TRUE(is_same_image(image.pixels, (cv::Mat_<float>(1, 4) << 1, 0, 0, 4)));
  EXPECT_NE(error_text(ErrorKind::data, [&] { read_mask(path); }).find("1 of 4 values are NaN"), std::string::npos);

  TiffRecipe bands;
  bands.no_data = "0";
  bands.extra_samples = {EXTRASAMPLE_UNSPECIFIED};
  const cv::Mat two = (cv::Mat_<cv::Vec2b>(1, 3) << cv::Vec2b(0, 0), cv::Vec2b(0, 9), cv::Vec2b(9, 9));
  EXPECT_TRUE(
      is_same_image(read_image(save("x", tiff_file(two, bands))).invalid, (cv::Mat_<uint8_t>(1, 3) << 255, 0, 0)));
  EXPECT_TRUE(read_image(save("x", tiff_file(noise(CV_8UC1), {}))).invalid.empty());
}

TEST_F(ImageIo, FloatMasksOfWholeNumbersAreLabels) {
  TiffRecipe recipe;
  recipe.format = SAMPLEFORMAT_IEEEFP;
  const cv::Mat whole = (cv::Mat_<float>(1, 3) << 0, 1, 2), fraction = (cv::Mat_<float>(1, 3) << 0, 0.5F, 1);
  EXPECT_TRUE(
      is_same_image(read_mask(save("x", tiff_file(whole, recipe))).values, (cv::Mat_<int32_t>(1, 3) << 0, 1, 2)));
  const std::string path = save("y", tiff_file(fraction, recipe));
  EXPECT_NE(error_text(ErrorKind::data, [&] { read_mask(path); }).find("1 of 3 values are no whole numbers"),
            std::string::npos);
}

TEST_F(ImageIo, APageIsReadByItsNumberAndNeverTakenForTheWholeFile) {
  TiffRecipe recipe;
  recipe.pages = 3;
  recipe.kinds = {0, FILETYPE_REDUCEDIMAGE, 0};
  const cv::Mat image = noise(CV_8UC1);
  const std::string path = save("x", tiff_file(image, recipe));
  EXPECT_TRUE(is_same_image(read_image(path, 1).pixels, image));
  EXPECT_TRUE(is_same_image(read_mask(path, {}, 0).values, image));
  for (const bool is_mask : {false, true}) {
    const std::string text =
        error_text(ErrorKind::data, [&] { is_mask ? (void)read_mask(path) : (void)read_image(path); });
    EXPECT_NE(text.find("TIFF of 2 pages, expected one"), std::string::npos) << text;
  }
}

TEST_F(ImageIo, PagesOfAnArrayAreItsFirstAxis) {
  std::string data(70 * 66 * 68, '\1');
  data[66 * 68 * 3 + 68 * 2 + 1] = '\5';
  const std::string path = save("x", npy_file("|u1", "(70, 66, 68)", data));
  EXPECT_EQ(read_mask(path, {}, 3).values.at<uint8_t>(2, 1), 5);
  EXPECT_EQ(cv::countNonZero(read_mask(path, {}, 2).values != 1), 0);
}

TEST_F(ImageIo, ArraysAreReadInEveryOrderOfAxesAndBytes) {
  const cv::Mat expected = (cv::Mat_<uint16_t>(2, 3) << 1, 2, 3, 256, 512, 65535);
  const std::string big("\0\1\0\2\0\3\1\0\2\0\xFF\xFF", 12);
  EXPECT_TRUE(is_same_image(read_mask(save("a", npy_file(">u2", "(2, 3)", big))).values, expected));
  EXPECT_TRUE(
      is_same_image(read_mask(save("b", npy_file("<u2", "(2, 3)", raw_bytes(expected.t()), true))).values, expected));
  const cv::Mat image = noise(CV_8UC3);
  std::vector<cv::Mat> channels;
  cv::split(image, channels);
  const std::string planes = raw_bytes(channels[0]) + raw_bytes(channels[1]) + raw_bytes(channels[2]);
  EXPECT_TRUE(is_same_image(read_image(save("c", npy_file("|u1", "(3, 24, 40)", planes))).pixels, image));
  EXPECT_TRUE(is_same_image(read_image(save("d", npy_file("|u1", "(24, 40, 3)", raw_bytes(image)))).pixels, image));
  const std::string flags = save("e", npy_file("|b1", "(1, 2)", std::string("\0\1", 2)));
  EXPECT_TRUE(is_same_image(read_mask(flags).values, (cv::Mat_<uint8_t>(1, 2) << 0, 1)));
  EXPECT_TRUE(is_same_image(read_image(flags).pixels, (cv::Mat_<uint8_t>(1, 2) << 0, 255)));
}

TEST_F(ImageIo, ColorModelsAreConvertedToRgb) {
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_SEPARATED;
  const cv::Mat inks =
      (cv::Mat_<cv::Vec4b>(1, 3) << cv::Vec4b(0, 0, 0, 0), cv::Vec4b(255, 0, 0, 0), cv::Vec4b(0, 0, 0, 255));
  const Image cmyk = read_image(save("x", tiff_file(inks, recipe)));
  EXPECT_EQ(cmyk.converted, "CMYK");
  EXPECT_FALSE(cmyk.has_alpha);
  EXPECT_TRUE(is_same_image(cmyk.pixels, (cv::Mat_<cv::Vec3b>(1, 3) << cv::Vec3b(255, 255, 255), cv::Vec3b(0, 255, 255),
                                          cv::Vec3b(0, 0, 0))));
  recipe.photometric = PHOTOMETRIC_YCBCR;
  const cv::Mat gray(16, 16, CV_8UC3, cv::Scalar(100, 128, 128));
  const Image ycbcr = read_image(save("x", tiff_file(gray, recipe)));
  EXPECT_EQ(ycbcr.converted, "YCbCr");
  EXPECT_LE(cv::norm(ycbcr.pixels, cv::Mat(16, 16, CV_8UC3, cv::Scalar::all(100)), cv::NORM_INF), 1);
  recipe.photometric = PHOTOMETRIC_CIELAB;
  const cv::Mat colors = (cv::Mat_<cv::Vec3b>(1, 2) << cv::Vec3b(255, 0, 0), cv::Vec3b(82, 79, 256 - 108));
  const Image lab = read_image(save("x", tiff_file(colors, recipe)));
  EXPECT_EQ(lab.converted, "CIELab");
  const cv::Mat white_and_blue = (cv::Mat_<cv::Vec3b>(1, 2) << cv::Vec3b(255, 255, 255), cv::Vec3b(0, 0, 255));
  EXPECT_LE(cv::norm(lab.pixels, white_and_blue, cv::NORM_INF), 8);
}

/// 20x17 pixels with 5 colors, interlaced, written by Pillow.
constexpr const char* kPillowGif =
    "474946383761140011008200000000ff0a14e11428c31e3ca52850870000000000000000002c000000001400110040089e0001080c405080c1"
    "01080928140880208001011e468428b122c5010d0510683860a3808e013e66dc08800042010e150e3018b1e449001a350620100022468c0260"
    "12d0a853264d9b0f61f6dc189268479820451665d8b0e0c1840b074634b932a5499602a9e65c5ad363528c4b2d4e1c2b36a8d4904f3b466d3a"
    "7466cd9a4173c6dca8d5ea4a94595f723dfa91a6529e652f92bdc89020da8f5049360d08003b";

std::string from_hex(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

TEST_F(ImageIo, AGifOfAnotherProgramIsReadExactly) {
  const std::string path = save("x.gif", from_hex(kPillowGif));
  cv::Mat indices(17, 20, CV_8UC1);
  for (int y = 0; y < 17; ++y)
    for (int x = 0; x < 20; ++x) indices.at<uint8_t>(y, x) = static_cast<uint8_t>((x * y + x / 3) % 5);
  const Mask mask = read_mask(path);
  EXPECT_TRUE(is_same_image(mask.values, indices));
  EXPECT_EQ(mask.palette.at(4), cv::Vec3b(40, 80, 135));
  EXPECT_EQ(read_image(path).pixels.at<cv::Vec3b>(1, 1), cv::Vec3b(10, 20, 225));
}

TEST_F(ImageIo, GifsOfGraysGiveTheGraysBecauseWritersRenumberThem) {
  const cv::Mat indices = (cv::Mat_<uint8_t>(1, 3) << 1, 0, 1);
  const std::string path = save("x.gif", gif_file(3, 1, gif_frame(indices), std::string("\0\0\0\2\2\2", 6)));
  EXPECT_TRUE(is_same_image(read_mask(path).values, (cv::Mat_<uint8_t>(1, 3) << 2, 0, 2)));
  EXPECT_EQ(read_image(path).pixels.type(), CV_8UC1);
}

TEST_F(ImageIo, AGifWhosePixelsEndEarlyIsRefused) {
  const std::string path = save("x.gif", gif_file(40, 24, gif_frame(cv::Mat::zeros(23, 40, CV_8UC1)), "abc"));
  EXPECT_EQ(read_mask(path).values.rows, 24);  // the frame is smaller than the screen
  std::string bytes = gif_file(40, 23, gif_frame(cv::Mat::zeros(23, 40, CV_8UC1)), "abc");
  bytes.replace(bytes.find(',') + 7, 1, "\x18");
  const std::string text = error_text(ErrorKind::data, [&] { read_mask(save("y.gif", bytes)); });
  EXPECT_NE(text.find("its pixels end after 920 of 960"), std::string::npos) << text;
}

TEST_F(ImageIo, EveryKindOfPnmIsRead) {
  const cv::Mat bilevel = (cv::Mat_<uint8_t>(1, 3) << 0, 1, 1);
  for (const std::string& bytes : {std::string("P1 # black is 1\n3 1\n100"), std::string("P4\n3 1\n\x80")}) {
    EXPECT_TRUE(is_same_image(read_mask(save("x", bytes)).values, bilevel)) << bytes;
    EXPECT_TRUE(is_same_image(read_image(save("x", bytes)).pixels, bilevel * 255)) << bytes;
  }
  const cv::Mat gray = (cv::Mat_<uint8_t>(1, 3) << 0, 5, 10);
  for (const std::string& bytes : {std::string("P2 3 1 10 0 5 10"), std::string("P5 3 1 10\n\0\5\n", 13)}) {
    EXPECT_TRUE(is_same_image(read_mask(save("x", bytes)).values, gray)) << bytes;
    EXPECT_TRUE(is_same_image(read_image(save("x", bytes)).pixels, (cv::Mat_<uint8_t>(1, 3) << 0, 128, 255))) << bytes;
  }
  EXPECT_TRUE(is_same_image(read_mask(save("x", std::string("P5 2 1 4095\n\x0F\xFF\0\1", 16))).values,
                            (cv::Mat_<uint16_t>(1, 2) << 4095, 1)));
  EXPECT_EQ(read_image(save("x", "P6 1 1 255\nabc")).pixels.at<cv::Vec3b>(0, 0), cv::Vec3b('a', 'b', 'c'));
  EXPECT_EQ(read_image(save("x", "P3 1 1 255\n97 98 99")).pixels.at<cv::Vec3b>(0, 0), cv::Vec3b('a', 'b', 'c'));
  EXPECT_NE(error_text(ErrorKind::data, [&] { read_image(save("x", "P5 1 1 10\nz")); }).find("got the value 122"),
            std::string::npos);
}

TEST_F(ImageIo, Jpeg2000IsReadWhereOpenCvHasIt) {
  if (!cv::haveImageWriter("x.jp2")) GTEST_SKIP() << "OpenCV was built without JPEG 2000";
  const cv::Mat red(64, 64, CV_8UC3, cv::Scalar(10, 20, 250));
  const cv::Mat image = read_image(save("x", encode_image(".jp2", red))).pixels;
  EXPECT_NEAR(image.at<cv::Vec3b>(8, 8)[0], 250, 4);
  EXPECT_NEAR(image.at<cv::Vec3b>(8, 8)[2], 10, 4);
}

std::string smooth_image_file(const std::string& extension) {
  cv::Mat smooth;
  cv::GaussianBlur(noise(CV_8UC3, 48, 48), smooth, {}, 2);
  if (extension == ".npy") return npy_file("|u1", "(48, 48, 3)", raw_bytes(smooth));
  cv::Mat gray;
  cv::extractChannel(smooth, gray, 0);
  if (extension == ".gif") return gif_file(48, 48, gif_frame(gray & 127), "abc");
  return encode_image(extension, smooth);
}

TEST_F(ImageIo, FlippedBitsNeitherCrashNorPrint) {
  cv::RNG random(3);
  testing::internal::CaptureStderr();
  for (const std::string extension : {".png", ".jpg", ".tif", ".bmp", ".webp", ".gif", ".ppm", ".npy"}) {
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
    EXPECT_GT(refused, extension == ".ppm" ? 5 : 20) << extension;  // a PPM is nearly all pixels
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
    EXPECT_TRUE(is_same_image(plane, planes[page]));
  }
}

TEST(ImageExtension, IsRecognizedInAnyCase) {
  for (const char* name : {"a.png", "b.JPG", "c.jpeg", "d.Tif", "e.tiff", "f.bmp", "g.webp", "h.jfif", "i.JPE", "j.gif",
                           "k.pgm", "l.jp2", "m.npy"})
    EXPECT_TRUE(has_image_extension(name)) << name;
  for (const char* name : {"a.txt", "png", ".png", "a.png.bak", "a", "a_seg.npy", "a.dcm"})
    EXPECT_FALSE(has_image_extension(name)) << name;
}

}  // namespace
}  // namespace unet
