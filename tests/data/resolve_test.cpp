#include <gtest/gtest.h>

#include <numeric>

#include "data/dataset/class_colors.h"
#include "data/dataset/resolve_classes.h"
#include "data/dataset/resolve_images.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

/// Scan of images of these sizes whose values are half 0 and half 1.
DataScan make_scan(const std::vector<cv::Size>& sizes, int channels = 3,
                   const ValueCounts& values = {{0, 5}, {255, 5}}) {
  DataScan scan;
  for (const cv::Size& size : sizes) {
    const double half = size.area() / 2.0;
    scan.usable.push_back(true);
    scan.value_counts.push_back(values);
    scan.shapes.emplace_back();
    scan.palettes.emplace_back();
    scan.lossy_masks.push_back(false);
    scan.sizes.push_back(size);
    scan.channels.push_back(channels);
    scan.has_alpha.push_back(channels == 4);
    scan.invalid.push_back(0);
    scan.sums.emplace_back(channels + 1, half);
    scan.square_sums.emplace_back(channels + 1, half);
    scan.lowest.emplace_back(channels + 1, 0.0);
    scan.highest.emplace_back(channels + 1, 1.0);
  }
  return scan;
}

std::vector<std::string> resolve(DataOptions& options, const DataScan& scan) {
  std::vector<size_t> images(scan.usable.size());
  std::iota(images.begin(), images.end(), 0);
  std::vector<std::string> lines = resolve_classes(options, gather_labels(scan, images));
  for (const std::string& line : resolve_images(options, scan, images)) lines.push_back(line);
  return lines;
}

using Size = std::vector<int64_t>;

TEST(Resolve, EveryAutoIsReplaced) {
  DataOptions options;
  const auto lines = resolve(options, make_scan({{200, 300}}));
  EXPECT_EQ(options.labels, (LabelClasses{{0, 0}, {255, 1}}));
  EXPECT_EQ(options.channels, 3);
  EXPECT_EQ(options.size, (Size{192, 192}));
  EXPECT_EQ(options.mean, (std::vector<double>{0.5, 0.5, 0.5}));
  EXPECT_EQ(options.std, (std::vector<double>{0.5, 0.5, 0.5}));
  EXPECT_EQ(options.class_names, (std::vector<std::string>{"background", "foreground"}));
  EXPECT_EQ(options.class_colors, default_class_colors(2));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0], "2 classes, by mask value: 0 -> background, 255 -> foreground");
  EXPECT_EQ(lines[1], "channels: 3");
  EXPECT_EQ(lines[2], "size: 192x192 (height x width), crop");
}

TEST(Resolve, ACropFitsTheMedianImage) {
  const auto size_for = [](const std::vector<cv::Size>& sizes, const std::string& policy) {
    DataOptions options;
    options.size_policy = enum_value<SizePolicy>(policy);
    resolve(options, make_scan(sizes));
    return options.size;
  };
  EXPECT_EQ(size_for({{120, 120}}, "crop"), (Size{96, 96}));
  EXPECT_EQ(size_for({{1000, 2000}}, "crop"), (Size{256, 256}));
  EXPECT_EQ(size_for({{20, 20}}, "crop"), (Size{64, 64}));
  EXPECT_EQ(size_for({{64, 64}, {500, 160}, {900, 900}}, "crop"), (Size{160, 160}));
  EXPECT_EQ(size_for({{120, 50}, {64, 99}}, "pad"), (Size{112, 128}));
  EXPECT_EQ(size_for({{120, 50}}, "resize"), (Size{256, 256}));
}

TEST(Resolve, OnlyTheGivenImagesDecideSizeAndStatistics) {
  DataScan scan = make_scan({{100, 100}, {500, 500}}, 1);
  scan.sums[1] = {0, 0};
  DataOptions options;
  resolve_images(options, scan, {0});
  EXPECT_EQ(options.mean, std::vector<double>{0.5});
  EXPECT_EQ(options.size, (Size{96, 96}));
}

TEST(Resolve, StatisticsFollowTheConfiguredChannels) {
  DataScan scan = make_scan({{10, 10}}, 3);
  scan.sums[0] = {10, 20, 30, 40};
  scan.square_sums[0] = {10, 20, 30, 40};
  const auto mean_with = [&](int64_t channels) {
    DataOptions options;
    options.channels = channels;
    resolve(options, scan);
    return options.mean;
  };
  EXPECT_EQ(mean_with(1), std::vector<double>{0.4});
  EXPECT_EQ(mean_with(3), (std::vector<double>{0.1, 0.2, 0.3}));
  EXPECT_EQ(mean_with(4), (std::vector<double>{0.1, 0.2, 0.3, 1}));
  scan = make_scan({{10, 10}}, 1);
  EXPECT_EQ(mean_with(3), (std::vector<double>{0.5, 0.5, 0.5}));
}

TEST(Resolve, AConstantChannelIsNotDividedByZero) {
  DataOptions options;
  options.channels = 4;
  resolve(options, make_scan({{10, 10}}));
  EXPECT_EQ(options.mean[3], 1);
  EXPECT_EQ(options.std[3], 1);
}

TEST(Resolve, AlphaIsDroppedUnlessConfigured) {
  DataOptions options;
  resolve(options, make_scan({{10, 10}}, 4));
  EXPECT_EQ(options.channels, 3);
}

TEST(Resolve, ConfiguredValuesAreKept) {
  DataOptions options;
  options.labels = {{0, 0}, {100, 1}, {255, 2}};
  options.class_names = {"sky", "earth", "sea"};
  options.class_colors = {"#000000", "#00ff00", "#0000ff"};
  options.mean = {0, 0, 0};
  options.std = {1, 1, 1};
  options.size = {32, 48};
  DataOptions before = options;
  resolve(options, make_scan({{100, 100}}));
  EXPECT_EQ(options.labels, before.labels);
  EXPECT_EQ(options.class_names, before.class_names);
  EXPECT_EQ(options.class_colors, before.class_colors);
  EXPECT_EQ(options.mean, before.mean);
  EXPECT_EQ(options.std, before.std);
  EXPECT_EQ(options.size, before.size);
}

TEST(Resolve, MoreThanTwoClassesAreNumbered) {
  DataOptions options;
  resolve(options, make_scan({{10, 10}}, 3, {{0, 1}, {1, 1}, {2, 1}}));
  EXPECT_EQ(options.class_names, (std::vector<std::string>{"class 0", "class 1", "class 2"}));
}

void expect_config_error(const DataOptions& options, const std::string& part) {
  DataOptions copy = options;
  const std::string text = config_error([&] { resolve(copy, make_scan({{100, 80}})); });
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(Resolve, OptionsThatContradictTheDataAreRefused) {
  DataOptions options;
  options.class_names = {"one"};
  expect_config_error(options, "[data.class_names] got 1 values, expected 2, one for each class");
  options = DataOptions();
  options.class_colors = {"#000000"};
  expect_config_error(options, "[data.class_colors] got 1 values, expected 2");
  options.class_colors = {"#000000", "blue"};
  expect_config_error(options, "got 'blue'");
  options = DataOptions();
  options.mean = {0.5};
  expect_config_error(options, "[data.mean] got 1 values, expected 3, one for each channel");
  options = DataOptions();
  options.std = {1, 0, 1};
  expect_config_error(options, "[data.std] got 0, expected above 0");
  options = DataOptions();
  options.channels = 2;
  expect_config_error(options, "[data.channels] got 2");
  options = DataOptions();
  options.size_policy = SizePolicy::pad;
  options.size = {64, 128};
  expect_config_error(options, "[data.size] got 64x128, expected at least 80x100 (height x width)");
}

}  // namespace
}  // namespace unet
