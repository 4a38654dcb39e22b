#include "app/inference/intensity_watch.h"

#include <gtest/gtest.h>

#include "app/export/exporter.h"
#include "configs/schema/writer.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

DataOptions trained() {
  DataOptions data;
  data.channels = 1;
  data.mean = {0.5};
  data.std = {0.1};
  data.min = {0};
  data.max = {1};
  return data;
}

/// Values of this mean and standard deviation.
cv::Mat image_of(double mean, double deviation) {
  cv::Mat image(20, 20, CV_32FC1, cv::Scalar(mean - deviation));
  image.colRange(10, 20) = cv::Scalar(mean + deviation);
  return image;
}

std::string warning_for(const DataOptions& data, double mean, double deviation) {
  IntensityWatch watch(data);
  watch.add(image_of(mean, deviation));
  watch.add(image_of(mean, deviation));
  return watch.warning().value_or("");
}

TEST(IntensityWatch, ImagesFarFromTheTrainingImagesAreNamedWithNumbers) {
  const DataOptions data = trained();
  EXPECT_EQ(warning_for(data, 0.6, 0.15), "");
  EXPECT_TRUE(contains(warning_for(data, 0.1, 0.08),
                       "channel 0 has mean 0.1 and standard deviation 0.08, in training "
                       "0.5 and 0.1"));
  EXPECT_TRUE(contains(warning_for(data, 0.5, 0.45), "the 2 images differ much"));
  EXPECT_NE(warning_for(data, 0.5, 0.02), "");
}

TEST(IntensityWatch, NothingIsSaidWhereTheImageNormalizesItselfOrNoStatisticsAreKnown) {
  DataOptions data = trained();
  data.normalize = Normalize::per_image;
  EXPECT_EQ(warning_for(data, 0.1, 0.01), "");
  data = trained();
  data.mean = {0};
  data.std = {1};
  EXPECT_EQ(warning_for(data, 0.1, 0.01), "");
}

Config exported(Normalize mode) {
  Config config;
  config.data = trained();
  config.data.normalize = mode;
  config.data.min = {0.2};
  config.data.max = {0.7};
  return config;
}

TEST(ExportedNormalization, MetadataHoldWhatTheConsumerMustDo) {
  const Metadata range = export_metadata(exported(Normalize::range));
  EXPECT_EQ(range.at("mean"), "[0.2]");
  EXPECT_NEAR(std::stod(range.at("std").substr(1)), 0.5, 1e-6);
  EXPECT_EQ(range.at("normalize"), "\"range\"");
  const Metadata none = export_metadata(exported(Normalize::none));
  EXPECT_EQ(none.at("mean"), "[0.0]");
  EXPECT_EQ(none.at("std"), "[1.0]");
  const Metadata percentile = export_metadata(exported(Normalize::percentile));
  EXPECT_EQ(percentile.at("clip_low"), "[0.2]");
  EXPECT_EQ(percentile.at("clip_high"), "[0.7]");
  const Metadata per_image = export_metadata(exported(Normalize::per_image));
  EXPECT_EQ(per_image.count("mean"), 0u) << "a program that only knows mean and std must not run it wrongly";
  EXPECT_EQ(per_image.count("std"), 0u);
  EXPECT_EQ(per_image.count("std_floor"), 1u);
  EXPECT_TRUE(contains(normalization_advice(exported(Normalize::per_image).data), "subtract the mean of that image"));
  EXPECT_TRUE(contains(normalization_advice(exported(Normalize::percentile).data), "must clip values to [0.2]"));
}

TEST(StoredConfig, ACheckpointFromBeforeTheIntensityUnitKeepsItsMeaning) {
  Config config;
  std::string text = portable_config(config);
  const auto erase_line = [&](const std::string& key) {
    const size_t begin = text.find("  " + key + ":");
    ASSERT_NE(begin, std::string::npos) << key;
    text.erase(begin, text.find('\n', begin) - begin + 1);
  };
  for (const char* key : {"intensity_unit", "normalize", "fourth_channel", "split_by"}) erase_line(key);
  const Config stored = stored_config(text, "checkpoint");
  EXPECT_EQ(stored.augment.intensity_unit, IntensityUnit::full_range);
  EXPECT_EQ(stored.data.normalize, Normalize::dataset);
  EXPECT_EQ(stored.data.split_by, SplitBy::name);
  EXPECT_EQ(stored_config(portable_config(config), "checkpoint").augment.intensity_unit, IntensityUnit::deviation);
}

}  // namespace
}  // namespace unet
