#include "data/scan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "data/image_io.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

class Scan : public testing::Test {
 protected:
  void add(const cv::Mat& image, const cv::Mat& mask) {
    const std::string stem = std::to_string(pairs_.size());
    pairs_.push_back({stem, folder_ / (stem + ".png"), folder_ / (stem + "_mask.png")});
    write_image(pairs_.back().image, image);
    write_image(pairs_.back().mask, mask);
  }
  void add_damaged(const std::string& bytes) {
    add(cv::Mat::zeros(4, 4, CV_8UC1), cv::Mat::zeros(4, 4, CV_8UC1));
    write_bytes(pairs_.back().image, bytes);
  }

  TempFolder folder_;
  std::vector<Pair> pairs_;
};

TEST_F(Scan, ValuesSizesAndSumsAreThoseOfTheFiles) {
  cv::Mat image(2, 3, CV_8UC3, cv::Scalar(255, 0, 51));
  cv::Mat mask = cv::Mat::zeros(2, 3, CV_8UC1);
  mask.at<uint8_t>(1, 1) = 7;
  add(image, mask);
  add(cv::Mat(1, 1, CV_16UC1, cv::Scalar(65535)), cv::Mat::zeros(1, 1, CV_8UC1));
  const DataScan scan = scan_pairs(pairs_, 2, {});
  EXPECT_TRUE(scan.problems.empty());
  EXPECT_EQ(scan.usable, (std::vector<bool>{true, true}));
  EXPECT_EQ(scan.value_counts[0], (ValueCounts{{0, 5}, {7, 1}}));
  EXPECT_EQ(scan.sizes[0], cv::Size(3, 2));
  EXPECT_EQ(scan.channels, (std::vector<int>{3, 1}));
  ASSERT_EQ(scan.sums[0].size(), 4u) << "three channels and the grey image";
  EXPECT_NEAR(scan.sums[0][0], 6, 1e-9);
  EXPECT_NEAR(scan.sums[0][1], 0, 1e-9);
  EXPECT_NEAR(scan.sums[0][2], 1.2, 1e-9);
  EXPECT_NEAR(scan.square_sums[0][2], 0.24, 1e-9);
  EXPECT_NEAR(scan.sums[0][3], 6 * 82 / 255.0, 1e-9) << "0.299 * 255 + 0.114 * 51";
  EXPECT_NEAR(scan.sums[1][0], 1, 1e-9) << "16 bits are scaled by 65535";
}

TEST_F(Scan, EveryProblemIsFoundInOnePass) {
  add(cv::Mat::zeros(4, 4, CV_8UC3), cv::Mat::zeros(4, 4, CV_8UC1));
  add(cv::Mat::zeros(4, 4, CV_8UC3), cv::Mat::zeros(5, 4, CV_8UC1));
  add_damaged("");
  add_damaged("<html>not found</html>");
  pairs_.push_back({"gone", folder_ / "gone.png", folder_ / "gone_mask.png"});
  const DataScan scan = scan_pairs(pairs_, 3, {});
  EXPECT_EQ(scan.usable, (std::vector<bool>{true, false, false, false, false}));
  ASSERT_EQ(scan.problems.size(), 4u);
  const char* parts[] = {"got a mask of 4x5 pixels for an image of 4x4", "the file is empty", "got an HTML page",
                         "gone.png: cannot open"};
  for (size_t i = 0; i < 4; ++i) EXPECT_NE(scan.problems[i].find(parts[i]), std::string::npos) << scan.problems[i];
}

TEST_F(Scan, DamagedFilesAreCountedExactlyByAnyNumberOfThreads) {
  const std::string png = encoded(".png", cv::Mat::zeros(4, 4, CV_8UC1));
  for (size_t i = 0; i < 60; ++i) i % 3 == 0 ? add_damaged(png) : add_damaged(png.substr(0, i));
  for (const int threads : {0, 1, 8}) {
    std::vector<size_t> steps;
    const DataScan scan = scan_pairs(pairs_, threads, [&](size_t done) { steps.push_back(done); });
    EXPECT_EQ(scan.problems.size(), 40u);
    EXPECT_EQ(std::count(scan.usable.begin(), scan.usable.end(), true), 20);
    ASSERT_EQ(steps.size(), 60u);
    EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
    EXPECT_EQ(steps.back(), 60u);
  }
}

TEST_F(Scan, AnEmptySetIsScanned) { EXPECT_TRUE(scan_pairs({}, 4, {}).usable.empty()); }

TEST_F(Scan, UnknownMaskValuesAreListedByFileWithTheirPixels) {
  cv::Mat mask = cv::Mat::zeros(2, 2, CV_8UC1);
  add(mask, mask);
  mask.at<uint8_t>(0, 0) = 9;
  mask.at<uint8_t>(0, 1) = 9;
  mask.at<uint8_t>(1, 1) = 5;
  add(mask, mask);
  DataOptions options;
  options.labels = {{0, 0}, {1, 1}};
  const auto lines = unknown_values(options, pairs_, scan_pairs(pairs_, 1, {}));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], pairs_[1].mask +
                          ": got mask values that no class has: 5 (1 pixels), 9 (2 pixels), expected keys of "
                          "data.labels. Add them there or to data.ignore_values");
}

TEST_F(Scan, PixelsAreCountedByClassOverTheMarkedPairs) {
  const cv::Mat mask = (cv::Mat_<uint8_t>(1, 4) << 0, 255, 255, 7);
  add(mask, mask);
  add(mask, mask);
  DataOptions options;
  options.labels = {{0, 0}, {255, 1}};
  options.ignore_values = {7};
  EXPECT_EQ(class_pixels(options, scan_pairs(pairs_, 1, {}), {true, false}), (std::vector<int64_t>{1, 2}));
}

}  // namespace
}  // namespace unet
