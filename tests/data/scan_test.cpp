#include "data/dataset/scan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "data/dataset/unknown_values.h"
#include "data/images/image_io.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

class Scan : public testing::Test {
 protected:
  void add(const cv::Mat& image, const cv::Mat& mask) {
    add_ref(std::to_string(samples_.size()));
    write_image(image_path(samples_.size() - 1), image);
    write_image(mask_path(samples_.size() - 1), mask);
  }
  void add_damaged(const std::string& bytes) {
    add(cv::Mat::zeros(4, 4, CV_8UC1), cv::Mat::zeros(4, 4, CV_8UC1));
    write_bytes(image_path(samples_.size() - 1), bytes);
  }
  void add_ref(const std::string& name) {
    samples_.push_back({name, ImageFile(folder_ / (name + ".png")), MaskFile(folder_ / (name + "_mask.png"))});
  }
  std::string image_path(size_t sample) const { return samples_[sample].text(); }
  std::string mask_path(size_t sample) const { return text_of(samples_[sample].labels); }

  TempFolder folder_;
  std::vector<SampleRef> samples_;
};

TEST_F(Scan, ReportsValuesSizesAndSums) {
  cv::Mat image(2, 3, CV_8UC3, cv::Scalar(255, 0, 51));
  cv::Mat mask = cv::Mat::zeros(2, 3, CV_8UC1);
  mask.at<uint8_t>(1, 1) = 7;
  add(image, mask);
  add(cv::Mat(1, 1, CV_16UC1, cv::Scalar(65535)), cv::Mat::zeros(1, 1, CV_8UC1));
  const DataScan scan = scan_samples(samples_, {2});
  EXPECT_TRUE(scan.problems.empty());
  EXPECT_EQ(scan.usable, (std::vector<bool>{true, true}));
  EXPECT_EQ(scan.value_counts[0], (ValueCounts{{0, 5}, {7, 1}}));
  EXPECT_EQ(scan.sizes[0], cv::Size(3, 2));
  EXPECT_EQ(scan.channels, (std::vector<int>{3, 1}));
  ASSERT_EQ(scan.sums[0].size(), 4u) << "three channels and the gray image";
  EXPECT_NEAR(scan.sums[0][0], 6, 1e-9);
  EXPECT_NEAR(scan.sums[0][1], 0, 1e-9);
  EXPECT_NEAR(scan.sums[0][2], 1.2, 1e-9);
  EXPECT_NEAR(scan.square_sums[0][2], 0.24, 1e-9);
  EXPECT_NEAR(scan.sums[0][3], 6 * 82 / 255.0, 1e-9) << "0.299 * 255 + 0.114 * 51";
  EXPECT_NEAR(scan.sums[1][0], 1, 1e-9) << "16 bits are scaled by 65535";
}

TEST_F(Scan, ObjectsAreMeasuredOnlyIfTheyAreWanted) {
  cv::Mat mask = cv::Mat::zeros(8, 8, CV_8UC1);
  mask(cv::Rect(1, 1, 3, 3)) = cv::Scalar(7);
  mask(cv::Rect(5, 5, 2, 1)) = cv::Scalar(7);
  for (int i = 0; i < 4; ++i) add(cv::Mat::zeros(8, 8, CV_8UC3), mask);
  EXPECT_FALSE(scan_samples(samples_, {2}).objects.at(0).is_measured);
  ScanOptions options;
  options.threads = 3;
  options.objects = true;
  const DataScan scan = scan_samples(samples_, options);
  for (const MaskObjects& found : scan.objects) {
    ASSERT_EQ(found.objects.size(), 3u);
    EXPECT_EQ(found.objects[0].pixels, 64 - 11);
    EXPECT_EQ(found.objects[1].value, 7);
    EXPECT_EQ(found.objects[1].pixels, 9);
    EXPECT_EQ(found.objects[2].pixels, 2);
  }
}

TEST_F(Scan, EveryProblemIsFoundInOnePass) {
  add(cv::Mat::zeros(4, 4, CV_8UC3), cv::Mat::zeros(4, 4, CV_8UC1));
  add(cv::Mat::zeros(4, 4, CV_8UC3), cv::Mat::zeros(5, 4, CV_8UC1));
  add_damaged("");
  add_damaged("<html>not found</html>");
  add_ref("gone");
  const DataScan scan = scan_samples(samples_, {3});
  EXPECT_EQ(scan.usable, (std::vector<bool>{true, false, false, false, false}));
  ASSERT_EQ(scan.problems.size(), 5u);
  const char* parts[] = {"got a mask of 4x5 pixels for an image of 4x4", "the file is empty", "got an HTML page",
                         "gone.png: cannot open", "gone_mask.png: cannot open"};
  for (size_t i = 0; i < 5; ++i) EXPECT_TRUE(contains(scan.problems[i].text, parts[i]));
  EXPECT_EQ(scan.problems[0].kind, FindingKind::size_mismatch);
  EXPECT_EQ(scan.problems[0].file, mask_path(1));
  EXPECT_EQ(scan.problems[0].sample, 1u);
  EXPECT_EQ(scan.problems[0].reason, "mask of 4x5");
  EXPECT_EQ(scan.problems[4].kind, FindingKind::unreadable);
  EXPECT_EQ(scan.problems[4].file, mask_path(4));
}

TEST_F(Scan, DamagedFilesAreCountedExactlyWithAnyNumberOfThreads) {
  const std::string png = encode_image(".png", cv::Mat::zeros(4, 4, CV_8UC1));
  for (size_t i = 0; i < 60; ++i) i % 3 == 0 ? add_damaged(png) : add_damaged(png.substr(0, i));
  for (const int threads : {0, 1, 8}) {
    std::vector<size_t> steps;
    const DataScan scan = scan_samples(samples_, {threads, [&](size_t done, size_t) { steps.push_back(done); }});
    EXPECT_EQ(scan.problems.size(), 40u);
    EXPECT_EQ(std::count(scan.usable.begin(), scan.usable.end(), true), 20);
    ASSERT_EQ(steps.size(), 60u);
    EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
    EXPECT_EQ(steps.back(), 60u);
  }
}

TEST_F(Scan, ReportsBitDepthAndExtremes) {
  cv::Mat image(1, 2, CV_8UC3, cv::Scalar(51, 0, 255));
  image.at<cv::Vec3b>(0, 1) = {102, 0, 255};
  add(image, cv::Mat::zeros(1, 2, CV_8UC1));
  add(cv::Mat(1, 1, CV_16UC1, cv::Scalar(13107)), cv::Mat::zeros(1, 1, CV_8UC1));
  const DataScan scan = scan_samples(samples_, {1});
  EXPECT_EQ(scan.bits, (std::vector<int>{8, 16}));
  ASSERT_EQ(scan.lowest[0].size(), 4u) << "three channels and the gray image";
  EXPECT_NEAR(scan.lowest[0][0], 0.2, 1e-9);
  EXPECT_NEAR(scan.highest[0][0], 0.4, 1e-9);
  EXPECT_EQ(scan.highest[0][1], 0);
  EXPECT_EQ(scan.lowest[0][2], 1);
  EXPECT_NEAR(scan.highest[1][0], 0.2, 1e-9) << "16 bits are scaled by 65535";
}

TEST_F(Scan, HashesAreEqualExactlyForEqualPixels) {
  cv::Mat image = cv::Mat::zeros(2, 6, CV_8UC1);
  const cv::Mat mask = cv::Mat::zeros(2, 6, CV_8UC1);
  add(image, mask);
  add(image, mask);
  write_bytes(image_path(1), encode_image(".bmp", image));
  image.at<uint8_t>(1, 5) = 1;
  add(image, mask);
  add(cv::Mat::zeros(3, 4, CV_8UC1), cv::Mat::zeros(3, 4, CV_8UC1));
  add(cv::Mat::zeros(2, 2, CV_8UC3), cv::Mat::zeros(2, 2, CV_8UC1));
  const DataScan scan = scan_samples(samples_, {2});
  EXPECT_EQ(scan.image_hashes[0], scan.image_hashes[1]) << "pixels count, not the file's bytes";
  EXPECT_EQ(scan.mask_hashes[0], scan.mask_hashes[2]);
  for (const size_t other : {2, 3, 4}) EXPECT_NE(scan.image_hashes[0], scan.image_hashes[other]) << other;
}

TEST_F(Scan, StoppingReportsTheNumberOfImagesRead) {
  for (int i = 0; i < 4; ++i) add(cv::Mat::zeros(2, 2, CV_8UC1), cv::Mat::zeros(2, 2, CV_8UC1));
  size_t read = 0;
  const auto stopped = [&] {
    scan_samples(samples_, {1, [&](size_t done, size_t) { read = done; }, [&] { return read == 3; }});
  };
  EXPECT_TRUE(contains(error_text(ErrorKind::interrupted, stopped), "3 of 4 images"));
}

TEST_F(Scan, AnEmptySetIsScanned) { EXPECT_TRUE(scan_samples({}, {4}).usable.empty()); }

TEST_F(Scan, UnknownMaskValuesAreListedByFileWithPixelCounts) {
  cv::Mat mask = cv::Mat::zeros(2, 2, CV_8UC1);
  add(mask, mask);
  mask.at<uint8_t>(0, 0) = 9;
  mask.at<uint8_t>(0, 1) = 9;
  mask.at<uint8_t>(1, 1) = 5;
  add(mask, mask);
  DataOptions options;
  options.labels = {{0, 0}, {1, 1}};
  const auto findings = unknown_values(options, samples_, scan_samples(samples_, {1}));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].file, mask_path(1));
  EXPECT_EQ(findings[0].sample, 1u);
  EXPECT_EQ(findings[0].reason, "unknown values 5, 9");
  EXPECT_TRUE(contains(findings[0].text, mask_path(1) + ": "));
  EXPECT_TRUE(contains(findings[0].text, "5 (1 pixels), 9 (2 pixels), expected keys of data.labels"));
}

TEST_F(Scan, PixelsAreCountedByClassOverSelectedSamples) {
  const cv::Mat mask = (cv::Mat_<uint8_t>(1, 4) << 0, 255, 255, 7);
  add(mask, mask);
  add(mask, mask);
  DataOptions options;
  options.labels = {{0, 0}, {255, 1}};
  options.ignore_values = {7};
  EXPECT_EQ(class_pixels(options, scan_samples(samples_, {1}), {true, false}), (std::vector<int64_t>{1, 2}));
}

/// Scans of one sample of `bytes` as a whole, and in bands of a bit less than a sixteenth.
std::pair<DataScan, DataScan> scan_both_ways(const SampleRef& sample, int64_t bytes) {
  ScanOptions options;
  options.objects = true;
  DataScan whole = scan_samples({sample}, options);
  options.whole_bytes = bytes - 1;
  return {whole, scan_samples({sample}, options)};
}

void expect_near(const std::vector<double>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t c = 0; c < got.size(); ++c) EXPECT_NEAR(got[c], expected[c], 1e-9 * std::abs(expected[c])) << c;
}

TEST_F(Scan, BandsOfALargeSampleAddUpToTheWhole) {
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_RGB;
  recipe.strip_rows = 100;
  recipe.no_data = "9";
  cv::Mat image = noise(CV_16UC3, 600, 50), mask = noise(CV_8UC1, 600, 50) / 86;
  image({10, 250, 20, 300}).setTo(cv::Scalar::all(9));  // all of the second band's part
  mask.rowRange(256, 512).setTo(1);                     // a band of one value is not measured
  write_bytes(folder_ / "a.tif", tiff_file(image, recipe));
  write_bytes(folder_ / "m.tif", tiff_file(mask, {}));
  const auto [whole, bands] =
      scan_both_ways({"a", ImageFile(folder_ / "a.tif"), MaskFile(folder_ / "m.tif")}, 600 * 50 * (6 + 1));
  ASSERT_TRUE(whole.usable[0] && bands.usable[0]);
  EXPECT_EQ(bands.sizes, whole.sizes);
  EXPECT_EQ(bands.channels, whole.channels);
  EXPECT_EQ(bands.bits, whole.bits);
  EXPECT_EQ(bands.invalid, whole.invalid);
  EXPECT_EQ(bands.invalid[0], 20 * 300);
  EXPECT_EQ(bands.value_counts, whole.value_counts);
  EXPECT_EQ(bands.image_hashes, whole.image_hashes);
  EXPECT_EQ(bands.mask_hashes, whole.mask_hashes);
  expect_near(bands.sums[0], whole.sums[0]);
  expect_near(bands.square_sums[0], whole.square_sums[0]);
  EXPECT_EQ(bands.lowest, whole.lowest);
  EXPECT_EQ(bands.highest, whole.highest);
  EXPECT_TRUE(bands.shapes[0].is_measured);
  EXPECT_NEAR(static_cast<double>(bands.shapes[0].pieces), static_cast<double>(whole.shapes[0].pieces), 18 * 50);
}

TEST_F(Scan, ABandWithoutValidPixelsDoesNotCountAsDark) {
  TiffRecipe recipe;
  recipe.no_data = "0";
  cv::Mat image(600, 8, CV_8UC1, cv::Scalar(100));
  image.rowRange(256, 512).setTo(0);
  cv::Mat mask = cv::Mat::zeros(600, 8, CV_8UC1);
  for (const int top : {10, 50, 590}) mask({2, top, 4, 5}).setTo(1);
  write_bytes(folder_ / "a.tif", tiff_file(image, recipe));
  write_bytes(folder_ / "m.tif", tiff_file(mask, {}));
  const auto [whole, bands] =
      scan_both_ways({"a", ImageFile(folder_ / "a.tif"), MaskFile(folder_ / "m.tif")}, 600 * 8 * 2);
  EXPECT_EQ(bands.lowest, whole.lowest);
  EXPECT_NEAR(bands.lowest[0][0], 100 / 255.0, 1e-12);
  EXPECT_FALSE(bands.shapes[0].is_measured);
  for (const DataScan* scan : {&whole, &bands}) {
    ASSERT_TRUE(scan->objects[0].is_measured);
    std::vector<int64_t> pixels;
    for (const LabelObject& object : scan->objects[0].objects)
      if (object.value == 1) pixels.push_back(object.pixels);
    EXPECT_EQ(pixels, (std::vector<int64_t>{20, 20, 20}));
  }
}

}  // namespace
}  // namespace unet
