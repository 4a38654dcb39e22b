#include "data/samples/photometric.h"

#include <gtest/gtest.h>

#include "configs/schema/reader.h"
#include "data/samples/noise.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

TEST(Photometric, EveryPhotometricRowChangesOnlyTheImage) {
  for (const int channels : {1, 3, 4}) {
    const Sample sample = smooth_sample(32, 32, channels);
    for (const std::string& name : photometric_augmentations().names()) {
      SCOPED_TRACE(name);
      AugmentOptions options = enable_only({name});
      const bool changes = channels >= row_of<PhotometricAugmentation>(options, name).channels().low;
      for (int64_t position = 0; position < 10; ++position) {
        const Sample result = augment(options, sample, {32, 32}, 2, 0, position);
        EXPECT_EQ(difference(result.mask, sample.mask), 0);
        EXPECT_EQ(difference(result.image, sample.image) > 1e-5, changes);
        ASSERT_EQ(result.image.type(), CV_32FC(channels));
      }
    }
  }
}

TEST(Photometric, ValuesStayBetweenZeroAndOneUnderStrongChanges) {
  const Sample sample = random_sample(32, 32);
  AugmentOptions options = enable_only(photometric_augmentations().names());
  row_of<Brightness>(options, "brightness").shift = {-1, 1};
  row_of<Contrast>(options, "contrast").factor = {0, 10};
  row_of<Noise>(options, "noise").sigma = {1, 1};
  for (int64_t position = 0; position < 30; ++position) {
    const Sample result = augment(options, sample, {32, 32}, 1, 0, position);
    ASSERT_TRUE(cv::checkRange(result.image, true, nullptr, 0, 1 + 1e-6));
  }
}

TEST(Photometric, BrightnessAddsToEveryChannel) {
  const Sample sample = smooth_sample(16, 16, 3);
  AugmentOptions options = enable_only({"brightness"});
  row_of<Brightness>(options, "brightness").shift = {0.1, 0.1};
  const cv::Mat expected = sample.image + cv::Scalar::all(0.1);
  EXPECT_LT(difference(augment(options, sample, {16, 16}, 1, 0, 0).image, expected), 1e-6);
}

TEST(Photometric, ContrastKeepsEachChannelsMean) {
  const Sample sample = smooth_sample(16, 16, 3);
  sample.image += cv::Scalar(0, 0.1, 0.2);
  AugmentOptions options = enable_only({"contrast"});
  row_of<Contrast>(options, "contrast").factor = {0.5, 0.5};
  const cv::Scalar mean = cv::mean(sample.image);
  const cv::Mat expected = sample.image * 0.5 + mean * 0.5;
  EXPECT_LT(difference(augment(options, sample, {16, 16}, 1, 0, 0).image, expected), 1e-6);
}

TEST(Photometric, GammaIsAnExponent) {
  const Sample sample = smooth_sample(16, 16, 3);
  AugmentOptions options = enable_only({"gamma"});
  row_of<Gamma>(options, "gamma").gamma = {2, 2};
  EXPECT_LT(difference(augment(options, sample, {16, 16}, 1, 0, 0).image, sample.image.mul(sample.image)), 1e-5);
}

/// Options read from YAML with their places.
std::pair<AugmentOptions, Locations> read_augment(const std::string& yaml) {
  struct Section : Options {
    AugmentOptions augment;
    void fields(FieldVisitor& visit) override { visit("augment", augment, "augmentation"); }
  } section;
  const Locations locations = read_options(parse_yaml(yaml, "my.yaml"), section);
  return {section.augment, locations};
}

TEST(Photometric, RowsThatCannotChangeTheImagesAreRefusedWithTheRemedy) {
  const auto [options, locations] = read_augment("augment:\n  hue: {probability: 0.2}\n  noise: {probability: 1}\n");
  DataOptions data;
  EXPECT_NO_THROW(check_channels(options, data, locations, "augment")) << "not yet known";
  for (const int64_t channels : {3, 4}) {
    data.channels = channels;
    EXPECT_NO_THROW(check_channels(options, data, locations, "augment"));
    EXPECT_FALSE(channel_warning(options, data));
  }
  for (const int64_t channels : {1, 2, 7}) {
    data.channels = channels;
    const std::string text = error_text(ErrorKind::config, [&, &given = options, &places = locations] {
      check_channels(given, data, places, "augment");
    });
    EXPECT_TRUE(contains(text, "my.yaml:2:")) << text;
    EXPECT_TRUE(contains(text, "--set augment.hue.probability=0")) << text;
  }
}

TEST(Photometric, RowsThatNobodyNamedAreWarnedOf) {
  DataOptions data;
  data.channels = 1;
  const AugmentOptions options = enable_only({"saturation", "channel_drop", "blur"});
  EXPECT_NO_THROW(check_channels(options, data, {}, "augment"));
  const std::string warning = channel_warning(options, data).value_or("");
  EXPECT_TRUE(contains(warning, "augment.saturation")) << warning;
  EXPECT_TRUE(contains(warning, "augment.channel_drop")) << warning;
  EXPECT_FALSE(contains(warning, "augment.blur")) << warning;
  data.channels = 2;
  EXPECT_FALSE(contains(channel_warning(options, data).value_or(""), "channel_drop"));
}

TEST(Photometric, TheOrderIsThatOfLightLensSensorFileAndReading) {
  const std::vector<std::string> names = photometric_augmentations().names();
  const auto place = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) - names.begin();
  };
  const std::vector<std::string> order{"shadow", "brightness",     "contrast", "gamma",          "blur",
                                       "noise",  "low_resolution", "jpeg",     "channel_shuffle"};
  for (size_t i = 1; i < order.size(); ++i) EXPECT_LT(place(order[i - 1]), place(order[i])) << order[i];
}

}  // namespace
}  // namespace unet
