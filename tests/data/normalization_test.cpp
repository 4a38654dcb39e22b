#include "data/dataset/normalization.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>

#include "data/dataset/open_dataset.h"
#include "data/samples/training_set.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

DataOptions with(Normalize mode, int64_t channels = 3) {
  DataOptions data;
  data.labels = {{0, 0}, {255, 1}};
  data.channels = channels;
  data.size = {8, 8};
  data.normalize = mode;
  const auto count = static_cast<size_t>(channels);
  data.mean.assign(count, 0.4);
  data.std.assign(count, 0.2);
  data.min.assign(count, 0.1);
  data.max.assign(count, 0.9);
  return data;
}

float normalized(Normalize mode, double value) {
  cv::Mat image(2, 2, CV_32FC3, cv::Scalar::all(value));
  return Preprocessing(with(mode)).to_tensor(image)[0][0][0][0].item<float>();
}

TEST(Normalization, EachModeDoesWhatItSays) {
  EXPECT_NEAR(normalized(Normalize::dataset, 0.6), 1, 1e-6);
  EXPECT_NEAR(normalized(Normalize::none, 0.6), 0.6, 1e-6);
  EXPECT_NEAR(normalized(Normalize::range, 0.5), 0.5, 1e-6);
  EXPECT_NEAR(normalized(Normalize::range, 0.9), 1, 1e-6);
  EXPECT_NEAR(normalized(Normalize::imagenet, 0.485), 0, 1e-6);
  EXPECT_NEAR(normalized(Normalize::imagenet, 0.485 + 0.229), 1, 1e-6);
  EXPECT_NEAR(normalized(Normalize::percentile, 0.6), 1, 1e-6);
  EXPECT_NEAR(normalized(Normalize::percentile, 5), (0.9 - 0.4) / 0.2, 1e-6);
  EXPECT_NEAR(normalized(Normalize::percentile, -5), (0.1 - 0.4) / 0.2, 1e-6);
}

TEST(Normalization, PerImageUsesTheWholeImageInTrainingAndPrediction) {
  DataFiles files;
  cv::Mat pixels(40, 40, CV_16UC1);
  cv::RNG(3).fill(pixels, cv::RNG::UNIFORM, 1000, 3000);
  pixels(cv::Rect(0, 0, 40, 10)) *= 4;
  files.add_image("a.png", pixels);
  files.add_mask("m.png", DataFiles::halves(0, 255, 40, 40));
  DataOptions data = with(Normalize::per_image, 1);
  data.min = {0};
  data.max = {1};
  const Preprocessing preprocessing(data);
  const torch::Tensor whole = preprocessing.to_tensor(preprocessing.load_image(ImageFile(files / "a.png")));
  EXPECT_NEAR(whole.mean().item<double>(), 0, 1e-4);
  EXPECT_NEAR(whole.std(false).item<double>(), 1, 1e-4);
  const AugmentOptions off = no_augmentation();
  const TrainingSet set({{"a", ImageFile(files / "a.png"), MaskFile(files / "m.png")}}, data, off, 1);
  const torch::Tensor crop = set.batch(0, {0}, {0}).images[0];
  bool found = false;  // the crop is a part of the whole, not normalized by itself
  for (int64_t y = 0; y <= 32 && !found; ++y)
    for (int64_t x = 0; x <= 32 && !found; ++x)
      found = torch::allclose(whole[0].slice(1, y, y + 8).slice(2, x, x + 8), crop, 0, 1e-5);
  EXPECT_TRUE(found);
}

TEST(Normalization, AFlatImageStaysFlat) {
  const cv::Mat flat(4, 4, CV_32FC1, cv::Scalar(0.3));
  const torch::Tensor tensor = Preprocessing(with(Normalize::per_image, 1)).to_tensor(flat);
  EXPECT_LT(tensor.abs().max().item<double>(), 1e-3);
}

TEST(Normalization, WhatDoesNotFitIsRefused) {
  EXPECT_TRUE(contains(config_error([] { normalization_of(with(Normalize::imagenet, 1)); }), "imagenet"));
  DataOptions data = with(Normalize::range);
  data.max.clear();
  EXPECT_TRUE(contains(config_error([&] { normalization_of(data); }), "[data.max] got 0 values, expected 3"));
}

/// A data set of one image and its copy.
class NormalizedData : public testing::Test {
 protected:
  Dataset open(const cv::Mat& image, Normalize mode = Normalize::dataset) {
    for (const char* name : {"a", "b"}) {
      files_.add_image(concat("train/images/", name, ".png"), image);
      files_.add_mask(concat("train/masks/", name, ".png"), DataFiles::halves(0, 255, image.rows, image.cols));
    }
    DataOptions options;
    options.dir = files_.dir();
    options.normalize = mode;
    Dataset dataset = open_dataset(options, {2});
    EXPECT_TRUE(dataset.problems.empty()) << testing::PrintToString(texts_of(dataset.problems));
    return dataset;
  }
  DataFiles files_;
};

TEST_F(NormalizedData, PercentilesLeaveOutTheHalfPercentAtEachEnd) {
  cv::Mat image(100, 100, CV_16UC1);
  for (int i = 0; i < 10000; ++i) image.at<uint16_t>(i / 100, i % 100) = static_cast<uint16_t>(10000 + i);
  image.at<uint16_t>(99, 99) = 65535;
  const Dataset dataset = open(image, Normalize::percentile);
  EXPECT_NEAR(dataset.options.min.at(0) * 65535, 10050, 2);
  EXPECT_NEAR(dataset.options.max.at(0) * 65535, 19949, 2);
  EXPECT_NEAR(dataset.options.mean.at(0) * 65535, 15000, 3);
  EXPECT_NEAR(dataset.options.std.at(0) * 65535, 10000 / std::sqrt(12), 30);
  const std::string text = testing::PrintToString(dataset.decisions);
  EXPECT_TRUE(contains(text, "the 0.5 and 99.5 percentiles")) << text;
  EXPECT_EQ(open(image, Normalize::percentile).options.min, dataset.options.min);
}

TEST_F(NormalizedData, TheUnusedPartOfTheRangeIsSaid) {
  cv::Mat image(32, 32, CV_16UC1, cv::Scalar(0));
  image.at<uint16_t>(3, 3) = 4095;
  const std::string text = testing::PrintToString(open(image).decisions);
  EXPECT_TRUE(contains(text, "images use 6% of the 16-bit range (values 0 to 4095)")) << text;
  image.at<uint16_t>(3, 3) = 65535;
  const std::string full = testing::PrintToString(open(image).decisions);
  EXPECT_FALSE(contains(full, "images use")) << full;
}

TEST_F(NormalizedData, VeryDimImagesAreStillScaledToUnitDeviation) {
  cv::Mat image(32, 32, CV_16UC1);
  cv::RNG(1).fill(image, cv::RNG::UNIFORM, 0, 8);
  const Dataset dataset = open(image);
  const Preprocessing preprocessing(dataset.options);
  const torch::Tensor tensor = preprocessing.to_tensor(preprocessing.load(dataset.samples.front()).image);
  EXPECT_NEAR(tensor.std(false).item<double>(), 1, 1e-3);
  EXPECT_NEAR(tensor.mean().item<double>(), 0, 1e-3);
}

}  // namespace
}  // namespace unet
