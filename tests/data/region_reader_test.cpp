#include "data/images/region_reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset/sample_regions.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/equal_images.h"
#include "tests/support/error_text.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

/// Random pixels that are whole numbers, so that they can also be labels.
cv::Mat whole_noise(int type) {
  cv::Mat pixels = noise(CV_MAKETYPE(CV_MAT_DEPTH(type) == CV_32F ? CV_8U : CV_MAT_DEPTH(type), CV_MAT_CN(type)));
  pixels.convertTo(pixels, CV_MAT_DEPTH(type));
  return pixels;
}

/// Pixels without a value; where there are none, all zeros.
cv::Mat invalid_of(const Image& image) {
  return image.invalid.empty() ? cv::Mat::zeros(image.pixels.size(), CV_8UC1) : image.invalid;
}

class RegionsOfFiles : public testing::Test {
 protected:
  std::string save(const std::string& name, const std::string& bytes) const {
    write_bytes(folder_ / name, bytes);
    return folder_ / name;
  }

  /// Expects rectangles at edges, across strips and tiles, of one pixel and of the whole to equal the whole image
  /// there.
  static void expect_same(const std::string& path, int page = kOnlyPage) {
    const auto regions = RegionReader::open(path, page);
    ASSERT_TRUE(regions);
    const Image whole = read_image(path, page);
    const Mask mask = regions->has_local_labels({}) ? read_mask(path, {}, page) : Mask();
    const int width = whole.pixels.cols, height = whole.pixels.rows;
    ASSERT_EQ(regions->size(), whole.pixels.size());
    EXPECT_EQ(decoded_depth(regions->info()), whole.pixels.depth());
    for (const cv::Rect& part :
         {cv::Rect(0, 0, width, height), cv::Rect(width - 1, height - 1, 1, 1), cv::Rect(3, 5, 21, 14),
          cv::Rect(17, 1, 9, 3), cv::Rect(0, 9, width, 1), cv::Rect(width - 7, 0, 7, height)}) {
      const Image image = regions->read_image(part);
      EXPECT_TRUE(is_same_image(image.pixels, whole.pixels(part))) << part;
      EXPECT_EQ(image.has_alpha, whole.has_alpha);
      EXPECT_TRUE(is_same_image(invalid_of(image), invalid_of(whole)(part))) << part;
      if (mask.values.empty()) continue;
      EXPECT_TRUE(is_same_image(regions->read_mask(part, {}).values, mask.values(part))) << part;
    }
  }

  TempFolder folder_;
};

TEST_F(RegionsOfFiles, OfTiffsEqualTheWholeImage) {
  for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS})
    for (const int strip_rows : {-1, 0, 5})
      for (const bool separate : {false, true})
        for (const int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC3, CV_32FC1}) {
          SCOPED_TRACE(concat(compression, " rows ", strip_rows, separate ? " planar " : " ", type));
          TiffRecipe recipe;
          recipe.compression = compression;
          recipe.tiled = strip_rows < 0;
          recipe.strip_rows = strip_rows;
          recipe.separate = separate;
          if (CV_MAT_CN(type) == 3) recipe.photometric = PHOTOMETRIC_RGB;
          if (type == CV_32FC1) recipe.format = SAMPLEFORMAT_IEEEFP;
          expect_same(save("x.tif", tiff_file(whole_noise(type), recipe)));
        }
}

TEST_F(RegionsOfFiles, OfUnusualTiffsEqualTheWholeImage) {
  TiffRecipe packed;
  packed.bits = 12;
  packed.columns = 40;
  expect_same(save("bits12.tif", tiff_file(noise(CV_8UC1, 24, 60), packed)));
  packed.bits = 1;
  expect_same(save("bits1.tif", tiff_file(noise(CV_8UC1, 24, 5), packed)));
  TiffRecipe palette;
  palette.photometric = PHOTOMETRIC_PALETTE;
  expect_same(save("palette.tif", tiff_file(noise(CV_8UC1), palette)));
  TiffRecipe white;
  white.photometric = PHOTOMETRIC_MINISWHITE;
  expect_same(save("white.tif", tiff_file(noise(CV_16UC1), white)));
  TiffRecipe missing;
  missing.no_data = "7";
  cv::Mat values = noise(CV_16UC1);
  values({2, 3, 9, 6}).setTo(7);
  expect_same(save("missing.tif", tiff_file(values, missing)));
  TiffRecipe stored_signed;
  stored_signed.format = SAMPLEFORMAT_INT;
  expect_same(save("signed.tif", tiff_file(noise(CV_16UC1), stored_signed)));
  TiffRecipe pages;
  pages.pages = 2;
  const std::string stack = save("pages.tif", tiff_file(noise(), pages));
  expect_same(stack, 1);
  EXPECT_FALSE(RegionReader::open(stack)) << "one page of two was not chosen";
}

TEST_F(RegionsOfFiles, OfBitmapsEqualTheWholeImage) {
  expect_same(save("color.bmp", encode_image(".bmp", noise())));
  expect_same(save("gray.bmp", encode_image(".bmp", noise(CV_8UC1))));
  // A header of 40 bytes, a color table, and indices of 4 bits, 40 in 20 bytes; a negative height is top-down.
  for (const uint32_t height : {24U, static_cast<uint32_t>(-24)}) {
    std::string table;
    for (uint32_t i = 0; i < 16; ++i) table += little_endian(0x123456 * (i + 1) & 0xFFFFFF, 4);
    expect_same(save("indices.bmp", "BM" + little_endian(0, 4) + little_endian(0, 4) + little_endian(118, 4) +
                                        little_endian(40, 4) + little_endian(40, 4) + little_endian(height, 4) +
                                        little_endian(1, 2) + little_endian(4, 2) + std::string(24, '\0') + table +
                                        raw_bytes(noise(CV_8UC1, 24, 20))));
  }
}

TEST_F(RegionsOfFiles, OfArraysAndPortableMapsEqualTheWholeImage) {
  for (const std::string order : {"<", ">"}) {
    expect_same(save("a.npy", npy_file(order + "u2", "(24, 40)", raw_bytes(noise(CV_16UC1)))));
    expect_same(save("b.npy", npy_file(order + "u2", "(24, 40, 3)", raw_bytes(noise(CV_16UC3)))));
    expect_same(save("c.npy", npy_file(order + "i4", "(24, 40)", raw_bytes(noise(CV_8UC4)))));
  }
  expect_same(save("d.npy", npy_file("|u1", "(68, 70, 66)", raw_bytes(noise(CV_8UC1, 68 * 70, 66)))), 3);
  expect_same(save("gray.pgm", "P5\n40 24\n255\n" + raw_bytes(noise(CV_8UC1))));
  expect_same(save("color.ppm", "P6 40 24 200\n" + raw_bytes(noise(CV_8UC3) * (200.0 / 255))));
  expect_same(save("deep.pgm", "P5\n40 24\n65535\n" + raw_bytes(noise(CV_16UC1))));
  expect_same(save("bits.pbm", "P4\n40 24\n" + raw_bytes(noise(CV_8UC1, 24, 5))));
}

TEST_F(RegionsOfFiles, AreRefusedWherePixelsDependOnTheWholeFile) {
  TiffRecipe rotated;
  rotated.orientation = 6;
  TiffRecipe inks;
  inks.photometric = PHOTOMETRIC_SEPARATED;
  const std::string tiff = tiff_file(noise(), {});
  const std::vector<std::pair<const char*, std::string>> files{
      {"a.png", encode_image(".png", noise())},
      {"a.jpg", encode_image(".jpg", noise())},
      {"text.pgm", "P2\n2 2\n255\n1 2 3 4\n"},
      {"columns.npy", npy_file("|u1", "(24, 40)", raw_bytes(noise(CV_8UC1)), true)},
      {"rotated.tif", tiff_file(noise(), rotated)},
      {"inks.tif", tiff_file(noise(CV_8UC4), inks)},
      {"cut.tif", tiff.substr(0, tiff.size() / 2)},
      {"cut.pgm", "P5\n40 24\n255\n"},
      {"empty.tif", ""},
      {"notes.txt", "text"}};
  for (const auto& [name, bytes] : files) EXPECT_FALSE(RegionReader::open(save(name, bytes))) << name;
  EXPECT_FALSE(RegionReader::open(folder_ / "absent.tif"));
}

TEST_F(RegionsOfFiles, OfSeveralChannelsAreNoLabels) {
  TiffRecipe color;
  color.photometric = PHOTOMETRIC_RGB;
  EXPECT_FALSE(RegionReader::open(save("a.tif", tiff_file(noise(), color)))->has_local_labels({}));
  TiffRecipe palette;
  palette.photometric = PHOTOMETRIC_PALETTE;
  const auto indices = RegionReader::open(save("b.tif", tiff_file(noise(CV_8UC1), palette)));
  EXPECT_TRUE(indices->has_local_labels({}));
  EXPECT_FALSE(indices->has_local_labels({PaletteMode::colors, MaskChannel::color}));
}

TEST_F(RegionsOfFiles, AFileThatShrinksIsAnErrorNamingIt) {
  const std::string pgm = save("a.pgm", "P5\n40 24\n255\n" + raw_bytes(noise(CV_8UC1)));
  TiffRecipe recipe;
  recipe.compression = COMPRESSION_NONE;
  const std::string tiff = save("a.tif", tiff_file(noise(CV_8UC1), recipe));
  for (const std::string& path : {pgm, tiff}) {
    const auto regions = RegionReader::open(path);
    ASSERT_TRUE(regions);
    std::filesystem::resize_file(path, 100);
    const std::string text = error_text(ErrorKind::data, [&] { regions->read_image({0, 20, 10, 4}); });
    EXPECT_NE(text.find(path), std::string::npos) << text;
  }
}

TEST_F(RegionsOfFiles, OfAnImageThatIsTooLargeToDecodeAreRead) {
  constexpr int kSide = 20000;
  static_assert(int64_t{kSide} * kSide > kMaxPixels);
  const std::string header = "P5\n20000 20000\n255\n";
  const std::string path = save("huge.pgm", header);
  std::filesystem::resize_file(path, header.size() + size_t{kSide} * kSide);  // without blocks on the disk
  const auto regions = RegionReader::open(path);
  ASSERT_TRUE(regions);
  EXPECT_EQ(regions->size(), cv::Size(kSide, kSide));
  EXPECT_EQ(cv::countNonZero(regions->read_image({19000, 19990, 1000, 10}).pixels), 0);
}

/// Samples whose image is 24x40 pixels.
class RegionsOfSamples : public RegionsOfFiles {
 protected:
  static void expect_same_sample(const SampleRef& sample) {
    const auto regions = SampleRegions::open(sample);
    ASSERT_TRUE(regions);
    const RawSample whole = read_sample(sample);
    ASSERT_EQ(regions->size(), whole.image.pixels.size());
    EXPECT_EQ(regions->channels(), whole.image.pixels.channels());
    EXPECT_EQ(regions->depth(), whole.image.pixels.depth());
    EXPECT_EQ(regions->bytes(), static_cast<int64_t>(whole.image.pixels.total() * (whole.image.pixels.elemSize() + 1)));
    for (const cv::Rect& part : {cv::Rect(0, 0, 40, 24), cv::Rect(3, 5, 21, 14), cv::Rect(39, 23, 1, 1)}) {
      const RawSample got = regions->read(part);
      EXPECT_TRUE(is_same_image(got.image.pixels, whole.image.pixels(part))) << part;
      EXPECT_TRUE(is_same_image(got.labels.values, whole.labels.values(part))) << part;
    }
  }

  std::string tiff(const std::string& name, const cv::Mat& values) const { return save(name, tiff_file(values, {})); }

  const ImageFile image_{tiff("image.tif", noise(CV_16UC1))};
  const cv::Mat labels_ = noise(CV_8UC1) & 3;
};

TEST_F(RegionsOfSamples, EqualTheWholeForEveryWayOfStoringImagesAndLabels) {
  const MaskFile mask(tiff("mask.tif", labels_));
  expect_same_sample({"one file", image_, mask});
  expect_same_sample({"channels", ImageChannels{{image_.path, tiff("second.tif", noise(CV_16UC1) / 2)}}, mask});
  TiffRecipe stack;
  stack.pages = 3;
  const std::string pages = save("pages.tif", tiff_file(labels_, stack));
  expect_same_sample({"pages", ImagePage{pages, 1}, MaskPage{pages, 2}});
  MergedMasks merged;
  merged.layers = {{mask.path, 5}, {tiff("object.tif", labels_ / 2), std::nullopt}};
  expect_same_sample({"merged", image_, merged});
  Annotation drawn{"shapes.json", "", {}};
  drawn.shapes = {{1, {{{0.3, 0.2}, {38.7, 3.3}, {12.5, 23.9}}, {{10, 5}, {20, 6}, {15, 12}}}, std::nullopt},
                  {300, {{{-5, 10}, {60, 11}, {60, 14}}}, std::nullopt},
                  {2, {}, RunLengths{24, 40, {100, 250, 13, 7, 590}}}};
  expect_same_sample({"shapes", image_, ShapeLabels(drawn)});
}

TEST_F(RegionsOfSamples, AreRefusedWhereTheWholeIsNeeded) {
  const MaskFile mask(tiff("mask.tif", labels_));
  const ImageFile png(save("image.png", encode_image(".png", noise(CV_16UC1))));
  TiffRecipe color;
  color.photometric = PHOTOMETRIC_RGB;
  EXPECT_FALSE(SampleRegions::open({"PNG", png, mask}));
  EXPECT_FALSE(SampleRegions::open({"PNG mask", image_, MaskFile(png.path)}));
  EXPECT_FALSE(SampleRegions::open({"array", image_, ArrayMask("a_seg.npy")}));
  EXPECT_FALSE(SampleRegions::open({"colors", image_, MaskFile(save("color.tif", tiff_file(noise(), color)))}));
  EXPECT_FALSE(SampleRegions::open({"sizes", image_, MaskFile(tiff("small.tif", labels_.rowRange(0, 9).clone()))}));
  EXPECT_FALSE(SampleRegions::open({"absent", image_, MaskFile(folder_ / "absent.tif")}));
}

}  // namespace
}  // namespace unet
