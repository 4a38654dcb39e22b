#include "data/dataset/label_map.h"

#include <gtest/gtest.h>

#include "data/dataset/label_inference.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

using Labels = LabelClasses;

Labels inferred(const std::vector<int64_t>& values, const std::vector<int64_t>& ignored = {}) {
  ValueCounts counts;
  for (const int64_t value : values) counts[value] = 10;
  return infer_labels(evidence_of(counts), {ignored.begin(), ignored.end()}).labels;
}

std::string label_error(const std::vector<int64_t>& values, const std::vector<int64_t>& ignored = {}) {
  return error_text(ErrorKind::data, [&] { inferred(values, ignored); });
}

template <class T>
std::vector<T> values_of(const cv::Mat& row) {
  EXPECT_EQ(row.type(), cv::DataType<T>::type);
  return {row.begin<T>(), row.end<T>()};
}

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(InferLabels, ZeroAndOneOtherValueAreTwoClasses) {
  EXPECT_EQ(inferred({0, 255}), (Labels{{0, 0}, {255, 1}}));
  EXPECT_EQ(inferred({0, 1}), (Labels{{0, 0}, {1, 1}}));
  EXPECT_EQ(inferred({0, 128}), (Labels{{0, 0}, {128, 1}}));
  EXPECT_EQ(inferred({0, 1000}), (Labels{{0, 0}, {1000, 1}}));
}

TEST(InferLabels, IndicesMapToThemselves) {
  EXPECT_EQ(inferred({0, 1, 2}), (Labels{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_EQ(inferred({1, 2}), (Labels{{1, 0}, {2, 1}}));
  EXPECT_EQ(inferred({0, 2, 5}).size(), 6u) << "a gap is a class that was not seen";
  std::vector<int64_t> dense;
  for (int64_t value = 0; value < 100; ++value) dense.push_back(value);
  EXPECT_EQ(inferred(dense).size(), 100u);
}

TEST(InferLabels, EvenlySpacedValuesAreNumbered) {
  EXPECT_EQ(inferred({0, 128, 255}), (Labels{{0, 0}, {128, 1}, {255, 2}}));
  EXPECT_EQ(inferred({0, 127, 255}), (Labels{{0, 0}, {127, 1}, {255, 2}}));
  EXPECT_EQ(inferred({0, 85, 170, 255}), (Labels{{0, 0}, {85, 1}, {170, 2}, {255, 3}}));
  EXPECT_EQ(inferred({0, 63, 127, 191, 255}).size(), 5u);
}

TEST(InferLabels, WhiteBesideIndicesGetsNoClass) {
  EXPECT_EQ(inferred({0, 1, 2, 255}), (Labels{{0, 0}, {1, 1}, {2, 2}}));
}

TEST(InferLabels, IgnoredValuesDoNotCount) {
  EXPECT_EQ(inferred({0, 1, 2, 11}, {11}), (Labels{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_EQ(inferred({0, 7, 255}, {7}), (Labels{{0, 0}, {255, 1}}));
  expect_contains(label_error({11}, {11}), "every mask value is ignored");
}

TEST(InferLabels, ValuesThatFitNoRuleAreListedWithTheRemedy) {
  const std::string text = label_error({0, 40, 90});
  expect_contains(text, "got 0 (10 pixels), 40 (10 pixels), 90 (10 pixels), expected indices 0..n-1");
  expect_contains(text, "--set 'data.labels={0: 0, 40: 1, 90: 2}'");
  expect_contains(label_error({0, 38, 75, 113, 14, 52}), "113 (10 pixels)");
}

TEST(InferLabels, AGrayscaleImageIsRefused) {
  std::vector<int64_t> all;
  for (int64_t value = 0; value < 256; ++value) all.push_back(value);
  expect_contains(label_error(all), "244 more values");
}

TEST(LabelMap, ValuesMapToClassesAndBack) {
  const LabelMap map({{0, 0}, {128, 1}, {255, 2}, {254, 2}}, {7});
  EXPECT_EQ(map.num_classes(), 3);
  ValueCounts unknown;
  const cv::Mat values = (cv::Mat_<uint8_t>(1, 5) << 0, 128, 255, 254, 7);
  const cv::Mat classes = map.to_classes(values, unknown);
  EXPECT_EQ(values_of<uint8_t>(classes), (std::vector<uint8_t>{0, 1, 2, 2, 255}));
  EXPECT_TRUE(unknown.empty());
  const cv::Mat back = map.to_values(classes);
  ASSERT_EQ(back.type(), CV_8UC1);
  EXPECT_EQ(values_of<uint8_t>(back), (std::vector<uint8_t>{0, 128, 254, 254, 7}));
}

TEST(LabelMap, UnknownValuesAreCountedAndNeverBecomeBackground) {
  const LabelMap map({{0, 0}, {1, 1}}, {});
  ValueCounts unknown{{9, 5}};
  const cv::Mat classes = map.to_classes((cv::Mat_<uint8_t>(1, 5) << 0, 9, 9, 200, 1), unknown);
  EXPECT_EQ(unknown, (ValueCounts{{9, 7}, {200, 1}}));
  EXPECT_EQ(values_of<uint8_t>(classes), (std::vector<uint8_t>{0, 255, 255, 255, 1}));
}

TEST(LabelMap, SixteenBitValuesAreKept) {
  const LabelMap map({{0, 0}, {40000, 1}}, {});
  ValueCounts unknown;
  const cv::Mat values = (cv::Mat_<uint16_t>(1, 3) << 0, 40000, 40001);
  const cv::Mat classes = map.to_classes(values, unknown);
  EXPECT_EQ(values_of<uint8_t>(classes), (std::vector<uint8_t>{0, 1, 255}));
  EXPECT_EQ(unknown, (ValueCounts{{40001, 1}}));
  const cv::Mat back = map.to_values((cv::Mat_<uint8_t>(1, 2) << 0, 1));
  EXPECT_EQ(values_of<uint16_t>(back), (std::vector<uint16_t>{0, 40000}));
}

TEST(LabelMap, RangesColorsAndLargeNumbersHaveClasses) {
  const LabelMap objects({{0, 0}, {LabelKey(1, 4000000), 1}}, {-1});
  EXPECT_EQ(objects.class_of(3999999), 1);
  EXPECT_EQ(objects.class_of(-1), kIgnoreLabel);
  EXPECT_FALSE(objects.knows(4000001));
  ValueCounts unknown;
  const cv::Mat numbers = (cv::Mat_<int32_t>(1, 4) << 0, 70000, -1, -2);
  EXPECT_EQ(values_of<uint8_t>(objects.to_classes(numbers, unknown)), (std::vector<uint8_t>{0, 1, 255, 255}));
  EXPECT_EQ(unknown, (ValueCounts{{-2, 1}}));

  const LabelMap colors({{color_value(0, 0, 0), 0}, {color_value(128, 0, 0), 1}}, {});
  const cv::Mat painted = (cv::Mat_<cv::Vec3b>(1, 2) << cv::Vec3b(128, 0, 0), cv::Vec3b(0, 0, 0));
  const cv::Mat classes = colors.to_classes(painted, unknown);
  EXPECT_EQ(values_of<uint8_t>(classes), (std::vector<uint8_t>{1, 0}));
  const cv::Mat back = colors.to_values(classes);
  ASSERT_EQ(back.type(), CV_8UC3);
  EXPECT_EQ(cv::norm(back, painted, cv::NORM_INF), 0);
}

TEST(LabelMap, SnapsToTheNearestValueWithinItsDistance) {
  const LabelMap numbers({{0, 0}, {255, 1}}, {}, 20);
  EXPECT_EQ(numbers.class_of(20), 0);
  EXPECT_EQ(numbers.class_of(240), 1);
  EXPECT_FALSE(numbers.knows(128));
  const LabelMap colors({{color_value(0, 0, 0), 0}, {color_value(200, 0, 0), 1}}, {}, 30);
  EXPECT_EQ(colors.class_of(color_value(190, 10, 10)), 1);
  EXPECT_FALSE(colors.knows(color_value(100, 0, 0)));
}

TEST(LabelMap, AClassOf255IsIgnored) {
  const LabelMap map({{0, 0}, {1, 1}, {2, 255}}, {});
  EXPECT_EQ(map.num_classes(), 2);
  EXPECT_TRUE(map.knows(2));
  EXPECT_EQ(map.class_of(2), kIgnoreLabel);
}

TEST(LabelMap, InconsistentMapsAreRefused) {
  const auto refused = [](const Labels& labels, const std::vector<LabelKey>& ignored) {
    return config_error([&] { LabelMap(labels, ignored); });
  };
  expect_contains(refused({{0, 0}, {1, 2}}, {}), "[data.labels] got 2 classes from 0 to 2, expected 0, 1, 2, ...");
  expect_contains(refused({{0, 1}}, {}), "without a gap");
  expect_contains(refused({}, {}), "[data.labels] got 0 classes, expected");
  expect_contains(refused({{0, 0}, {LabelKey(1, 9), 1}, {7, 2}}, {}), "[data.labels] got 1-9 and 7, which overlap");
  expect_contains(refused({{0, 0}, {1, 256}}, {}), "got class 256 for mask value 1");
  expect_contains(refused({{0, 0}, {1, 1}}, {1}), "[data.ignore_values] got 1, which data.labels maps to class 1");
}

}  // namespace
}  // namespace unet
