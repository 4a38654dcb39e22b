// Images and masks in the forms that tools and cameras write: what `open_dataset` decides for a whole set of each.

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "data/dataset/label_map.h"
#include "data/dataset/open_dataset.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"

namespace unet {
namespace {

constexpr int kDiscImages = 6, kDiscSide = 48;

/// 0, and 1 in two discs, at other places for each image.
cv::Mat disc_mask(int number) {
  cv::Mat mask = cv::Mat::zeros(kDiscSide, kDiscSide, CV_8UC1);
  for (int k = 1; k <= 2; ++k)
    cv::circle(mask, {(k * 19 + number * 7) % kDiscSide, (k * 29 + number * 11) % kDiscSide}, 8, cv::Scalar(1),
               cv::FILLED);
  return mask;
}

/// Bright yellow discs on dark ground, with noise; blue, green, red as OpenCV encodes it.
cv::Mat disc_image(int number) {
  cv::Mat image(kDiscSide, kDiscSide, CV_8UC3, cv::Scalar(60, 60, 60)), noise(image.size(), CV_8UC3);
  image.setTo(cv::Scalar(60, 190, 210), disc_mask(number));
  cv::RNG(static_cast<uint64_t>(number) + 1).fill(noise, cv::RNG::UNIFORM, 0, 20);
  return image + noise;
}

cv::Mat gray_discs(int number) {
  cv::Mat gray;
  cv::cvtColor(disc_image(number), gray, cv::COLOR_BGR2GRAY);
  return gray;
}

/// Discs in this many channels, the last of which is inverted.
cv::Mat disc_bands(int number, int bands) {
  std::vector<cv::Mat> channels(static_cast<size_t>(bands), gray_discs(number));
  channels.back() = 255 - channels.back();
  cv::Mat merged;
  cv::merge(channels, merged);
  return merged;
}

cv::Mat scaled_to(const cv::Mat& image, int depth, double factor, double offset = 0) {
  cv::Mat scaled;
  image.convertTo(scaled, depth, factor, offset);
  return scaled;
}

struct CaseFile {
  std::string extension, bytes;
};

/// What a data set of one form becomes.
struct ImageForm {
  const char* name;
  std::function<CaseFile(int number)> image;
  int64_t channels;
  FourthChannel fourth_channel = FourthChannel::automatic;
  int64_t pixels_without_value = 0;
  const char* said = "";  ///< part of the decisions
};

struct MaskForm {
  const char* name;
  std::function<CaseFile(int number)> mask;
  LabelClasses labels;
};

class DataForms : public testing::Test {
 protected:
  static CaseFile png(const cv::Mat& image) { return {".png", encode_image(".png", image)}; }
  static CaseFile tiff(const cv::Mat& image, const TiffRecipe& recipe) { return {".tif", tiff_file(image, recipe)}; }

  static Dataset open(const std::function<CaseFile(int)>& image, const std::function<CaseFile(int)>& mask) {
    const DataFiles files;
    for (int i = 0; i < kDiscImages; ++i) {
      const CaseFile stored = image(i), labels = mask(i);
      files.add_file("images/" + std::to_string(i) + stored.extension, stored.bytes);
      files.add_file("masks/" + std::to_string(i) + labels.extension, labels.bytes);
    }
    DataOptions options;
    options.dir = files.dir();
    return open_dataset(options, {2});
  }

  static CaseFile plain_image(int number) { return png(disc_image(number)); }
  static CaseFile plain_mask(int number) { return png(disc_mask(number) * 255); }
};

TiffRecipe color_bands(uint16_t extra) {
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_RGB;
  recipe.extra_samples = {extra};
  return recipe;
}

/// A satellite's bands, with GDAL's value for missing pixels.
TiffRecipe satellite_bands() {
  TiffRecipe recipe;
  recipe.extra_samples = {EXTRASAMPLE_UNSPECIFIED, EXTRASAMPLE_UNSPECIFIED, EXTRASAMPLE_UNSPECIFIED};
  recipe.no_data = "0";
  return recipe;
}

TiffRecipe floats() {
  TiffRecipe recipe;
  recipe.format = SAMPLEFORMAT_IEEEFP;
  return recipe;
}

cv::Mat with_zero_corner(cv::Mat image) {
  image(cv::Rect(0, 0, 4, 4)) = cv::Scalar::all(0);
  return image;
}

/// Hounsfield units; the first image has a pixel that is not a number.
cv::Mat hounsfield(int number) {
  cv::Mat image = scaled_to(gray_discs(number), CV_32F, 12, -1000);
  if (number == 0) image.at<float>(5, 5) = std::numeric_limits<float>::quiet_NaN();
  return image;
}

/// The usual encodings of gray and color pictures, one for each image.
CaseFile any_encoding(int number) {
  const cv::Mat color = disc_image(number), gray = gray_discs(number);
  switch (number) {
    case 0:
      return {".jpg", encode_image(".jpg", color, {cv::IMWRITE_JPEG_PROGRESSIVE, 1})};
    case 1:
      return {".jpe", encode_image(".jpg", gray)};
    case 2:
      return {".webp", encode_image(".webp", color, {cv::IMWRITE_WEBP_QUALITY, 101})};
    case 3:
      return {".BMP", encode_image(".bmp", color)};
    case 4:
      return {".ppm", encode_image(".ppm", color)};
    default:
      return {".Tif", encode_image(".tiff", color)};
  }
}

/// What the file holds is not what its extension says.
CaseFile wrong_extension(int number) {
  const cv::Mat color = disc_image(number);
  if (number % 3 == 0) return {".png", encode_image(".jpg", color)};
  if (number % 3 == 1) return {".jpg", encode_image(".png", color)};
  return {".jpg", encode_image(".webp", color, {cv::IMWRITE_WEBP_QUALITY, 101})};
}

TEST_F(DataForms, ChannelsOfImagesAreThoseOfTheirFiles) {
  TiffRecipe cmyk;
  cmyk.photometric = PHOTOMETRIC_SEPARATED;
  const ImageForm forms[] = {
      {"RGB", plain_image, 3},
      {"gray and RGB", [](int i) { return i % 2 == 0 ? plain_image(i) : png(gray_discs(i)); }, 3},
      {"an extra sample without a tag is a band",
       [](int i) { return tiff(disc_bands(i, 4), color_bands(EXTRASAMPLE_UNSPECIFIED)); }, 4, FourthChannel::band},
      {"alpha is left out", [](int i) { return tiff(disc_bands(i, 4), color_bands(EXTRASAMPLE_UNASSALPHA)); }, 3},
      {"four bands of 16 bits with missing pixels",
       [](int i) { return tiff(with_zero_corner(scaled_to(disc_bands(i, 4), CV_16U, 12, 1)), satellite_bands()); }, 4,
       FourthChannel::band, 16 * kDiscImages, "pixels without a value"},
      {"floats", [](int i) { return tiff(scaled_to(gray_discs(i), CV_32F, 1.0 / 255), floats()); }, 1,
       FourthChannel::automatic, 0, "images of 32 bits"},
      {"Hounsfield units", [](int i) { return tiff(hounsfield(i), floats()); }, 1, FourthChannel::automatic, 1},
      {"12 bits in 16", [](int i) { return tiff(scaled_to(gray_discs(i), CV_16U, 15, 90), TiffRecipe()); }, 1,
       FourthChannel::automatic, 0, "% of the 16-bit range"},
      {"one CMYK image among RGB images", [&](int i) { return i == 3 ? tiff(disc_bands(i, 4), cmyk) : plain_image(i); },
       3, FourthChannel::automatic, 0, "CMYK images converted to RGB: 1 ("},
      {"encodings", any_encoding, 3},
      {"wrong extensions", wrong_extension, 3},
  };
  for (const ImageForm& form : forms) {
    SCOPED_TRACE(form.name);
    const Dataset dataset = open(form.image, plain_mask);
    EXPECT_EQ(texts_of(dataset.problems), std::vector<std::string>{});
    EXPECT_EQ(dataset.samples.size(), static_cast<size_t>(kDiscImages));
    EXPECT_EQ(dataset.options.channels, form.channels);
    EXPECT_EQ(dataset.options.fourth_channel, form.fourth_channel);
    EXPECT_EQ(dataset.options.labels, (LabelClasses{{0, 0}, {255, 1}}));
    int64_t missing = 0;
    for (const int64_t pixels : dataset.scan.invalid) missing += pixels;
    EXPECT_EQ(missing, form.pixels_without_value);
    EXPECT_TRUE(contains(testing::PrintToString(dataset.decisions), form.said));
  }
}

/// One bit for each pixel, eight of them in a byte.
cv::Mat packed_bits(const cv::Mat& mask) {
  cv::Mat packed = cv::Mat::zeros(mask.rows, mask.cols / 8, CV_8UC1);
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x)
      if (mask.at<uint8_t>(y, x) != 0) packed.at<uint8_t>(y, x / 8) |= static_cast<uint8_t>(128 >> x % 8);
  return packed;
}

CaseFile one_bit_png(int number) {
  const cv::Mat bits = packed_bits(disc_mask(number));
  std::vector<std::string> rows;
  for (int y = 0; y < bits.rows; ++y) rows.emplace_back(bits.ptr<char>(y), static_cast<size_t>(bits.cols));
  return {".png", png_file(kDiscSide, kDiscSide, 1, 0, rows)};
}

/// CCITT group 4 and LZW in turns; in some 0 is white.
CaseFile one_bit_tiff(int number) {
  TiffRecipe recipe;
  recipe.bits = 1;
  recipe.columns = kDiscSide;
  recipe.compression = number % 2 == 0 ? COMPRESSION_CCITTFAX4 : COMPRESSION_LZW;
  const bool is_white_zero = number % 3 == 2;
  if (is_white_zero) recipe.photometric = PHOTOMETRIC_MINISWHITE;
  const cv::Mat bits = packed_bits(disc_mask(number));
  return {".tif", tiff_file(is_white_zero ? cv::Mat(~bits) : bits, recipe)};
}

cv::Mat equal_channels(int number, bool with_alpha) {
  const cv::Mat mask = disc_mask(number) * 255;
  std::vector<cv::Mat> channels(3, mask);
  if (with_alpha) channels.emplace_back(mask.size(), CV_8UC1, cv::Scalar(255));
  cv::Mat merged;
  cv::merge(channels, merged);
  return merged;
}

TEST_F(DataForms, ValuesOfMasksAreThoseThatTheirFilesStandFor) {
  const std::string black_and_white("\0\0\0\xff\xff\xff", 6);
  const MaskForm forms[] = {
      {"0 and 1", [](int i) { return png(disc_mask(i)); }, {{0, 0}, {1, 1}}},
      {"1 bit, PNG", one_bit_png, {{0, 0}, {1, 1}}},
      {"1 bit, TIFF", one_bit_tiff, {{0, 0}, {1, 1}}},
      {"equal red, green and blue", [](int i) { return png(equal_channels(i, false)); }, {{0, 0}, {255, 1}}},
      {"with opaque alpha", [](int i) { return png(equal_channels(i, true)); }, {{0, 0}, {255, 1}}},
      {"floats", [](int i) { return tiff(scaled_to(disc_mask(i), CV_32F, 1), floats()); }, {{0, 0}, {1, 1}}},
      {"GIF",
       [&](int i) {
         return CaseFile{".gif", gif_file(kDiscSide, kDiscSide, gif_frame(disc_mask(i)), black_and_white)};
       },
       {{0, 0}, {255, 1}}},
  };
  for (const MaskForm& form : forms) {
    SCOPED_TRACE(form.name);
    const Dataset dataset = open(plain_image, form.mask);
    EXPECT_EQ(texts_of(dataset.problems), std::vector<std::string>{});
    EXPECT_EQ(dataset.options.labels, form.labels);
    EXPECT_EQ(dataset.options.channels, 3);
    const int64_t discs = form.labels.rbegin()->first.low;
    for (size_t i = 0; i < dataset.samples.size(); ++i)
      EXPECT_EQ(dataset.scan.value_counts[i].at(discs),
                cv::countNonZero(disc_mask(std::stoi(dataset.samples[i].name))));
  }
}

TEST_F(DataForms, BrokenImagesAreNamedAndTheOthersAreRead) {
  const Dataset dataset = open(
      [](int i) -> CaseFile {
        const std::string whole = encode_image(".jpg", disc_image(i));
        if (i == 1) return {".jpg", whole.substr(0, whole.size() / 2)};
        if (i == 2) return {".jpg", ""};
        if (i == 3) return {".jpg", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"};
        return {".jpg", whole};
      },
      plain_mask);
  ASSERT_EQ(dataset.problems.size(), 3u) << testing::PrintToString(texts_of(dataset.problems));
  for (const Finding& problem : dataset.problems) {
    EXPECT_EQ(problem.kind, FindingKind::unreadable);
    EXPECT_TRUE(contains(problem.text, problem.file));
  }
  EXPECT_EQ(dataset.usable({kTrain, kVal}).size(), 3u);
}

TEST_F(DataForms, MasksOfAnotherSizeAreRefused) {
  const Dataset dataset = open(plain_image, [](int i) { return png(disc_mask(i).colRange(0, kDiscSide - 1) * 255); });
  int mismatches = 0;
  for (const Finding& problem : dataset.problems) mismatches += problem.kind == FindingKind::size_mismatch ? 1 : 0;
  EXPECT_EQ(mismatches, kDiscImages);
}

}  // namespace
}  // namespace unet
