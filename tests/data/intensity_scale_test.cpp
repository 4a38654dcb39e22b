#include "data/samples/intensity_scale.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "data/dataset/open_dataset.h"
#include "data/samples/noise.h"
#include "data/samples/photometric.h"
#include "data/samples/training_set.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"

namespace unet {
namespace {

/// Batches of a data set whose images are `change`d copies of the same 8-bit images, all options auto.
template <class Change>
std::pair<torch::Tensor, DataOptions> batch_of(const AugmentOptions& augment, const Change& change) {
  DataFiles files;
  cv::RNG random(11);
  for (int i = 0; i < 4; ++i) {
    cv::Mat image(80, 80, CV_8UC1);
    random.fill(image, cv::RNG::UNIFORM, 0, 256);
    cv::GaussianBlur(image, image, {}, 2);
    cv::normalize(image, image, 5, 240, cv::NORM_MINMAX);
    files.add_image(concat("train/images/", i, ".png"), change(image));
    files.add_mask(concat("train/masks/", i, ".png"), DataFiles::halves(0, 255, 80, 80));
  }
  DataOptions options;
  options.dir = files.dir();
  const Dataset dataset = open_dataset(options, {1});
  EXPECT_TRUE(dataset.problems.empty()) << testing::PrintToString(texts_of(dataset.problems));
  const TrainingSet set(dataset.samples, dataset.options, augment, 9);
  return {set.batch(2, set.order(2), {0, 1, 2, 3, 4, 5, 6, 7}).images, dataset.options};
}

TEST(IntensityUnit, DimCopiesInSixteenBitsGetTheSameNormalizedAugmentedValues) {
  AugmentOptions exact = enable_only({"horizontal_flip", "brightness", "contrast", "gamma", "noise", "cutout"});
  AugmentOptions all =
      enable_only({"horizontal_flip", "rotation", "scale", "brightness", "contrast", "gamma", "blur", "noise"});
  const auto same = [](const cv::Mat& image) { return image; };
  const auto dim = [](const cv::Mat& image) {  // 12 of 16 bits
    cv::Mat result;
    image.convertTo(result, CV_16U, 4095 / 255.0);
    return result;
  };
  const auto offset = [](const cv::Mat& image) {
    cv::Mat result;
    image.convertTo(result, CV_16U, 15, 90);
    return result;
  };
  for (const auto& [options, tolerance] : {std::pair(&exact, 0.01), {&all, 0.08}}) {
    const torch::Tensor original = batch_of(*options, same).first;
    for (const torch::Tensor& copy : {batch_of(*options, dim).first, batch_of(*options, offset).first}) {
      EXPECT_LT((original - copy).abs().max().item<double>(), tolerance);
      EXPECT_LT((original - copy).abs().mean().item<double>(), tolerance / 4);
    }
  }
}

TEST(IntensityUnit, DimCopiesInSixteenBitsGetTheSameShadowsNoiseAndSharpness) {
  const AugmentOptions options = enable_only({"shadow", "poisson_noise", "speckle_noise", "sharpen", "low_resolution"});
  const auto same = [](const cv::Mat& image) { return image; };
  const auto dim = [](const cv::Mat& image) {
    cv::Mat result;
    image.convertTo(result, CV_16U, 15, 90);
    return result;
  };
  const torch::Tensor original = batch_of(options, same).first, copy = batch_of(options, dim).first;
  EXPECT_LT((original - copy).abs().max().item<double>(), 0.1);
  for (const char* name : {"jpeg", "clahe"}) {  // rounding may change a bin or a coefficient
    const torch::Tensor bright = batch_of(enable_only({name}), same).first,
                        dark = batch_of(enable_only({name}), dim).first;
    EXPECT_LT((bright - dark).abs().mean().item<double>(), 0.03) << name;
  }
}

TEST(IntensityUnit, PerImageAmountsAreStandardDeviationsOfTheCrop) {
  DataOptions data;
  data.std = {0.2, 0.2};
  data.min = {0, 0};
  data.max = {1, 1};
  Sample sample = smooth_sample(16, 16, 2);
  sample.image = sample.image * 0.01 + cv::Scalar(0.5, 0.5);
  cv::Scalar mean, deviation;
  cv::meanStdDev(sample.image, mean, deviation);
  AugmentOptions options = enable_only({"brightness"});
  options.intensity_unit = IntensityUnit::per_image;
  row_of<Brightness>(options, "brightness").shift = {2, 2};
  const cv::Mat result =
      augment(options, sample, {16, 16}, 1, 0, 0, intensity_scale(data, IntensityUnit::per_image)).image;
  EXPECT_LT(difference(result, sample.image + 2 * deviation), 1e-6);
  sample.statistics = {{0.5, 0.05}, {0.5, 0.05}};  // of the whole image, by which it is normalized
  const IntensityScale own = intensity_scale(data, IntensityUnit::per_image, sample.statistics);
  EXPECT_LT(difference(augment(options, sample, {16, 16}, 1, 0, 0, own).image, sample.image + cv::Scalar(0.1, 0.1)),
            1e-6);
}

TEST(IntensityUnit, AmountsAreStandardDeviationsOfEachChannel) {
  DataOptions data;
  data.std = {0.1, 20};
  data.min = {-1, -1000};
  data.max = {2, 1000};
  Sample sample{cv::Mat(8, 8, CV_32FC2, cv::Scalar(0.5, 30)), cv::Mat::zeros(8, 8, CV_8UC1)};
  AugmentOptions options = enable_only({"brightness"});
  row_of<Brightness>(options, "brightness").shift = {2, 2};
  const IntensityScale scale = intensity_scale(data, IntensityUnit::deviation);
  const cv::Mat result = augment(options, sample, {8, 8}, 1, 0, 0, scale).image;
  EXPECT_NEAR(result.at<cv::Vec2f>(3, 3)[0], 0.7, 1e-6);
  EXPECT_NEAR(result.at<cv::Vec2f>(3, 3)[1], 70, 1e-4);
}

TEST(IntensityUnit, ValuesStayInTheRangeOfTheDataEvenOutsideZeroToOne) {
  DataOptions data;
  data.std = {300};
  data.min = {-1024};
  data.max = {3071};
  Sample sample{cv::Mat(16, 16, CV_32FC1), cv::Mat::zeros(16, 16, CV_8UC1)};
  cv::RNG(2).fill(sample.image, cv::RNG::UNIFORM, -1024, 3071);
  for (const IntensityUnit unit : {IntensityUnit::deviation, IntensityUnit::full_range}) {
    const IntensityScale scale = intensity_scale(data, unit);
    EXPECT_EQ(augment(no_augmentation(), sample, {16, 16}, 1, 0, 0, scale).image.at<float>(5, 5),
              sample.image.at<float>(5, 5));
    for (const std::string& name : photometric_augmentations().names()) {
      AugmentOptions options = enable_only({name});
      if (row_of<PhotometricAugmentation>(options, name).channels().low > 1) continue;
      const cv::Mat result = augment(options, sample, {16, 16}, 1, 0, 0, scale).image;
      double low = 0, high = 0;
      cv::minMaxLoc(result, &low, &high);
      EXPECT_GE(low, -1024) << name;
      EXPECT_LE(high, 3071) << name;
      EXPECT_GT(high - low, 500) << name;
      EXPECT_GT(difference(result, sample.image), 1e-3) << name;
    }
  }
}

TEST(IntensityUnit, GammaActsWithinTheRangeOfTheData) {
  DataOptions data;
  data.std = {1};
  data.min = {-100};
  data.max = {100};
  Sample sample{(cv::Mat_<float>(1, 3) << -100, 0, 100), cv::Mat::zeros(1, 3, CV_8UC1)};
  AugmentOptions options = enable_only({"gamma"});
  row_of<Gamma>(options, "gamma").gamma = {2, 2};
  const cv::Mat result =
      augment(options, sample, {3, 1}, 1, 0, 0, intensity_scale(data, IntensityUnit::deviation)).image;
  EXPECT_NEAR(result.at<float>(0), -100, 1e-4);
  EXPECT_NEAR(result.at<float>(1), -50, 1e-4) << "0.5 squared";
  EXPECT_NEAR(result.at<float>(2), 100, 1e-4);
}

TEST(IntensityUnit, FullRangeOfIntegersIsThePlainScale) {
  DataOptions data;
  data.std = {0.01, 0.2};
  EXPECT_TRUE(intensity_scale(data, IntensityUnit::full_range).is_plain());
  data.min = {0.1, 0};
  data.max = {0.2, 1};
  EXPECT_TRUE(intensity_scale(data, IntensityUnit::full_range).is_plain());
}

std::pair<AugmentOptions, std::string> read(const std::vector<std::string>& files,
                                            const std::vector<std::string>& settings = {}) {
  Tree tree = parse_yaml("{}", "defaults");
  for (const std::string& file : files) merge(tree, parse_yaml(file, "my.yaml"));
  for (const std::string& setting : settings) set_value(tree, setting);
  struct Section : Options {
    AugmentOptions augment;
    void fields(FieldVisitor& visit) override { visit("augment", augment, "augmentation"); }
  } section;
  const Locations locations = read_options(tree, section);
  const auto note = keep_former_intensity_unit(section.augment, locations, "augment");
  return {section.augment, note.value_or("")};
}

TEST(IntensityUnit, ConfigsFromBeforeTheOptionKeepTheirMeaningWithANote) {
  auto [options, note] = read({"augment: {brightness: {shift: [-0.1, 0.1]}}"});
  EXPECT_EQ(options.intensity_unit, IntensityUnit::full_range);
  EXPECT_EQ(row_of<Brightness>(options, "brightness").shift.high, 0.1);
  EXPECT_EQ(row_of<Noise>(options, "noise").sigma.high, 0.05);
  EXPECT_TRUE(contains(note, "my.yaml:1:31: augment.brightness.shift without augment.intensity_unit")) << note;
  EXPECT_TRUE(contains(note, "--set augment.intensity_unit=full_range")) << note;

  std::tie(options, note) = read({"augment: {brightness: {probability: 0.3}}"});
  EXPECT_EQ(options.intensity_unit, IntensityUnit::full_range);
  EXPECT_EQ(row_of<Brightness>(options, "brightness").shift.high, 0.2);
  EXPECT_FALSE(note.empty());

  std::tie(options, note) = read({}, {"augment.noise.sigma=[0, 0.1]"});
  EXPECT_EQ(options.intensity_unit, IntensityUnit::full_range);
  EXPECT_FALSE(note.empty());
}

TEST(IntensityUnit, NewConfigsUseDeviationsOrWhatTheySay) {
  auto [options, note] = read({"augment: {gamma: {probability: 1}}"}, {"augment.noise.probability=0.5"});
  EXPECT_EQ(options.intensity_unit, IntensityUnit::deviation);
  EXPECT_EQ(row_of<Brightness>(options, "brightness").shift.high, 1);
  EXPECT_EQ(row_of<Noise>(options, "noise").sigma.high, 0.25);
  EXPECT_EQ(note, "");

  std::tie(options, note) = read({"augment: {intensity_unit: deviation, brightness: {shift: [-2, 2]}}"});
  EXPECT_EQ(options.intensity_unit, IntensityUnit::deviation);
  EXPECT_EQ(note, "");

  std::tie(options, note) = read({}, {"augment.intensity_unit=full_range"});
  EXPECT_EQ(row_of<Brightness>(options, "brightness").shift.high, 0.2);
  EXPECT_EQ(row_of<PoissonNoise>(options, "poisson_noise").sigma.high, 0.05);
  EXPECT_EQ(note, "");

  std::tie(options, note) = read({"augment: {noise: {sigma: [0, 1]}}"}, {"augment.intensity_unit=per_image"});
  EXPECT_EQ(options.intensity_unit, IntensityUnit::per_image);
  EXPECT_EQ(row_of<Brightness>(options, "brightness").shift.high, 1);
  EXPECT_EQ(note, "");
}

TEST(IntensityUnit, FullRangeAmountsThatHideDimImagesAreWarnedOf) {
  DataOptions data;
  data.std = {0.01};
  data.min = {0};
  data.max = {0.06};
  AugmentOptions options = enable_only({"brightness"});
  options.intensity_unit = IntensityUnit::full_range;
  row_of<Brightness>(options, "brightness").shift = {-0.2, 0.2};
  const std::string warning = intensity_warning(options, data).value_or("");
  EXPECT_TRUE(contains(warning, "0.2 of the full range is 20 standard deviations")) << warning;
  data.std = {0.2};
  EXPECT_FALSE(intensity_warning(options, data));
}

}  // namespace
}  // namespace unet
