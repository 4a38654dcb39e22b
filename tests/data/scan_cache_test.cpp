#include "data/dataset/scan_cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <limits>
#include <thread>

#include "data/dataset/open_dataset.h"
#include "data/files/cache_folder.h"
#include "data/files/file_stamp.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/error_text.h"
#include "tests/support/file_text.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Compares every field; a new one does not compile before it is compared, too.
void expect_equal(const DataScan& scan, const DataScan& expected) {
  const auto& [problems, usable, value_counts, shapes, objects, alpha_masks, sizes, channels, has_alpha, bits, invalid,
               converted, palettes, lossy_masks, rotations, image_hashes, mask_hashes, fingerprints, sums, square_sums,
               lowest, highest, cache] = scan;
  EXPECT_EQ(texts_of(problems), texts_of(expected.problems));
  EXPECT_EQ(usable, expected.usable);
  EXPECT_EQ(value_counts, expected.value_counts);
  ASSERT_EQ(shapes.size(), expected.shapes.size());
  for (size_t i = 0; i < shapes.size(); ++i) {
    const MaskShapes &shape = shapes[i], &other = expected.shapes[i];
    EXPECT_EQ(shape.is_measured, other.is_measured);
    EXPECT_EQ(shape.flat, other.flat);
    EXPECT_EQ(shape.pieces, other.pieces);
    ASSERT_EQ(shape.borders.size(), other.borders.size());
    for (const auto& [value, border] : shape.borders) {
      EXPECT_EQ(border.pixels, other.borders.at(value).pixels);
      EXPECT_EQ(border.thick, other.borders.at(value).thick);
      EXPECT_EQ(border.between, other.borders.at(value).between);
    }
    EXPECT_EQ(fingerprints[i].hash, expected.fingerprints[i].hash);
    EXPECT_EQ(fingerprints[i].thumbnail, expected.fingerprints[i].thumbnail);
    EXPECT_EQ(fingerprints[i].aspect, expected.fingerprints[i].aspect);
    EXPECT_EQ(alpha_masks[i].has_value(), expected.alpha_masks[i].has_value());
    EXPECT_EQ(objects[i].is_measured, expected.objects[i].is_measured);
    EXPECT_EQ(objects[i].has_too_many, expected.objects[i].has_too_many);
    ASSERT_EQ(objects[i].objects.size(), expected.objects[i].objects.size());
    for (size_t k = 0; k < objects[i].objects.size(); ++k) {
      const LabelObject &object = objects[i].objects[k], &same = expected.objects[i].objects[k];
      EXPECT_EQ(object.value, same.value);
      EXPECT_EQ(object.pixels, same.pixels);
      EXPECT_EQ(object.thickness, same.thickness);
    }
  }
  EXPECT_EQ(sizes, expected.sizes);
  EXPECT_EQ(channels, expected.channels);
  EXPECT_EQ(has_alpha, expected.has_alpha);
  EXPECT_EQ(bits, expected.bits);
  EXPECT_EQ(invalid, expected.invalid);
  EXPECT_EQ(converted, expected.converted);
  EXPECT_EQ(palettes, expected.palettes);
  EXPECT_EQ(lossy_masks, expected.lossy_masks);
  EXPECT_EQ(rotations, expected.rotations);
  EXPECT_EQ(image_hashes, expected.image_hashes);
  EXPECT_EQ(mask_hashes, expected.mask_hashes);
  EXPECT_EQ(sums, expected.sums);
  EXPECT_EQ(square_sums, expected.square_sums);
  EXPECT_EQ(lowest, expected.lowest);
  EXPECT_EQ(highest, expected.highest);
  EXPECT_EQ(cache.damage, "");
}

class ScanCacheFile : public testing::Test {
 protected:
  /// A time at which all files of the test are old enough to be judged by their stamps.
  static int64_t later() { return present_time() + 10'000'000'000; }

  ScanCacheOptions cache(const std::string& name = "data.scan") const {
    ScanCacheOptions options;
    options.file = folder_ / name;
    options.dir = files_.dir();
    options.program = "unet 1";
    options.now = later();
    return options;
  }

  DataScan scan() const { return scan(cache()); }
  DataScan scan(const ScanCacheOptions& options) const {
    ScanOptions scan{2};
    scan.cache = options;
    return scan_samples(samples_, scan);
  }
  DataScan read_all() const { return scan_samples(samples_, {1}); }

  void add(const std::string& name, const cv::Mat& image, const cv::Mat& mask) {
    files_.add_image(name, image);
    files_.add_mask("mask_" + name, mask);
    add_ref(name);
  }
  void add_ref(const std::string& name) {
    samples_.push_back({name, ImageFile(files_ / name), MaskFile(files_ / ("mask_" + name))});
  }
  void add_pairs(int count) {
    for (int i = 0; i < count; ++i)
      add(std::to_string(i) + ".bmp", files_.noise(6, 8), DataFiles::halves(0, i + 1, 6, 8));
  }

  /// Lets the clock of the file system, which ticks a few times in 10 ms, go on.
  static void wait_for_a_tick() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

  DataFiles files_;
  TempFolder folder_;
  std::vector<SampleRef> samples_;
};

TEST_F(ScanCacheFile, AStoredScanEqualsThatOfTheFiles) {
  cv::Mat borders = DataFiles::halves(0, 2, 40, 40);
  borders.rowRange(10, 12) = cv::Scalar(255);
  borders.rowRange(20, 40) = cv::Scalar(1);
  add("rgb.png", files_.noise(40, 40), borders);
  add("rgba.png", files_.noise(9, 8, CV_8UC4), DataFiles::halves(0, 255, 9, 8));
  add("deep.png", files_.noise(7, 8, CV_16UC1), cv::Mat(7, 8, CV_16UC1, cv::Scalar(40000)));
  cv::Mat colors(6, 6, CV_8UC3, cv::Scalar(0, 0, 0));
  colors.row(2) = cv::Scalar(200, 10, 7);
  colors.row(3) = cv::Scalar(1, 2, 3);
  add("colors.png", files_.noise(6, 6), colors);
  files_.add_image("lossy.png", files_.noise(16, 16));
  files_.add_file("mask_lossy.png", encode_image(".jpg", DataFiles::halves(0, 255, 16, 16)));
  add_ref("lossy.png");
  files_.add_image("indices.png", files_.noise(1, 2));
  files_.add_file("mask_indices.png",
                  png_file(2, 1, 8, 3, {std::string("\0\1", 2)}, png_chunk("PLTE", std::string("\0\0\0xyz", 6))));
  add_ref("indices.png");
  cv::Mat heights(1, 3, CV_32FC1, cv::Scalar(-2.5));
  heights.at<float>(0, 1) = std::numeric_limits<float>::quiet_NaN();
  files_.add_file("heights.png", tiff_file(heights, {PHOTOMETRIC_MINISBLACK, ORIENTATION_TOPLEFT, COMPRESSION_NONE,
                                                     SAMPLEFORMAT_IEEEFP}));
  files_.add_mask("mask_heights.png", DataFiles::halves(0, 1, 1, 3));
  add_ref("heights.png");
  files_.add_file("turned.png", jpeg_with_exif(encode_image(".jpg", files_.noise(16, 32)), 6));
  files_.add_mask("mask_turned.png", DataFiles::halves(0, 1, 16, 32));
  add_ref("turned.png");
  files_.add_file("cmyk.png", tiff_file(noise(CV_8UC4, 5, 5), {PHOTOMETRIC_SEPARATED}));
  files_.add_mask("mask_cmyk.png", DataFiles::halves(0, 1, 5, 5));
  add_ref("cmyk.png");

  const DataScan expected = read_all(), first = scan(), second = scan();
  ASSERT_EQ(texts_of(expected.problems), std::vector<std::string>());
  EXPECT_EQ(expected.invalid[6], 1);
  EXPECT_NE(expected.converted[8], "");
  EXPECT_EQ(expected.shapes[0].borders.count(255), 1u);
  expect_equal(first, expected);
  EXPECT_EQ(first.cache.reused, 0u);
  expect_equal(second, expected);
  EXPECT_EQ(second.cache.reused, samples_.size());
  EXPECT_EQ(second.cache.not_kept, "");
}

TEST_F(ScanCacheFile, AChangedFileIsReadAgainEvenIfSizeAndModificationTimeStay) {
  add_pairs(3);
  scan();
  for (const std::string& changed : {files_ / "1.bmp", files_ / "mask_2.bmp"}) {
    wait_for_a_tick();
    const auto size = fs::file_size(changed);
    const auto time = fs::last_write_time(changed);
    write_image(changed, changed == files_ / "1.bmp" ? files_.noise(6, 8) : DataFiles::halves(7, 9, 6, 8));
    fs::last_write_time(changed, time);
    ASSERT_EQ(fs::file_size(changed), size);
    const DataScan scanned = scan();
    EXPECT_EQ(scanned.cache.reused, 2u) << changed;
    expect_equal(scanned, read_all());
    EXPECT_EQ(scan().cache.reused, 3u);
  }
  wait_for_a_tick();
  fs::last_write_time(files_ / "0.bmp", fs::file_time_type::clock::now());
  EXPECT_EQ(scan().cache.reused, 2u) << "with another time and the same content";
}

TEST_F(ScanCacheFile, AnOptionThatChangesTheValuesHasScansOfItsOwn) {
  for (int i = 0; i < 2; ++i) {
    const std::string name = std::to_string(i) + ".png";
    files_.add_image(name, files_.noise(1, 2));
    files_.add_file("mask_" + name,
                    png_file(2, 1, 8, 3, {std::string("\0\1", 2)}, png_chunk("PLTE", std::string("\0\0\0xyz", 6))));
    add_ref(name);
  }
  const DataScan indices = scan();
  for (SampleRef& sample : samples_) sample.reading.palette = PaletteMode::colors;
  const DataScan colors = scan();
  EXPECT_EQ(colors.cache.reused, 0u);
  EXPECT_NE(colors.value_counts, indices.value_counts);
  expect_equal(colors, read_all());
  for (SampleRef& sample : samples_) sample.reading.palette = PaletteMode::indices;
  EXPECT_EQ(scan().cache.reused, 2u) << "the scans of the first option are still there";
}

TEST_F(ScanCacheFile, ObjectsAreMeasuredWhereTheyAreWantedAndNotStored) {
  add_pairs(2);
  scan();
  ScanOptions options{1};
  options.objects = true;
  const DataScan expected = scan_samples(samples_, options);
  ASSERT_EQ(expected.objects[0].objects.size(), 2u);
  for (const size_t reused : {size_t{0}, size_t{2}}) {
    options.cache = cache();
    const DataScan scanned = scan_samples(samples_, options);
    EXPECT_EQ(scanned.cache.reused, reused);
    expect_equal(scanned, expected);
  }
  const DataScan without = scan();
  EXPECT_EQ(without.cache.reused, 2u);
  expect_equal(without, read_all());
}

TEST_F(ScanCacheFile, ADamagedFileIsReportedAndReplaced) {
  add_pairs(2);
  const DataScan expected = scan();
  const std::string file = cache().file, bytes = file_text(file);
  std::vector<std::string> damaged{"", "u", bytes + "x", std::string(bytes.size(), '\0')};
  for (size_t at = 0; at < bytes.size(); at += 37) {
    damaged.push_back(bytes.substr(0, at));
    damaged.push_back(bytes);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 0x10);
  }
  for (const std::string& content : damaged) {
    write_bytes(file, content);
    DataScan scanned = scan();
    EXPECT_EQ(scanned.cache.reused, 0u);
    EXPECT_TRUE(contains(scanned.cache.damage, file + ": ignored: "));
    scanned.cache.damage.clear();
    expect_equal(scanned, expected);
  }
  EXPECT_EQ(scan().cache.reused, 2u);
}

TEST_F(ScanCacheFile, BytesOfAScanThatAreCutAreRefused) {
  add_pairs(1);
  SampleScan scan;
  scan.value_counts = {{-1, 3}, {kFirstColor, 1}};
  scan.size = {3, 2};
  scan.converted = "CMYK";
  scan.image_hash = ~uint64_t{0};
  scan.sums = {-0.5, std::numeric_limits<double>::infinity()};
  const std::string bytes = to_bytes(scan);
  const SampleScan back = sample_scan_from(bytes);
  EXPECT_EQ(back.value_counts, scan.value_counts);
  EXPECT_EQ(back.size, scan.size);
  EXPECT_EQ(back.converted, "CMYK");
  EXPECT_EQ(back.image_hash, scan.image_hash);
  EXPECT_EQ(back.sums, scan.sums);
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_NE(error_text(ErrorKind::data, [&] { sample_scan_from(bytes.substr(0, length)); }), "no error") << length;
  EXPECT_NE(error_text(ErrorKind::data, [&] { sample_scan_from(bytes + "x"); }), "no error");
}

TEST_F(ScanCacheFile, YoungFilesAreNotTrusted) {
  add_pairs(2);
  ScanCacheOptions options = cache();
  options.now = 0;
  expect_equal(scan(options), read_all());
  EXPECT_FALSE(fs::exists(options.file)) << "nothing is worth storing";
  EXPECT_EQ(scan(options).cache.reused, 0u);
}

TEST_F(ScanCacheFile, AnUnusableSampleIsAlwaysReadAgain) {
  add_pairs(2);
  const std::string good = file_text(files_ / "1.bmp");
  files_.add_file("1.bmp", "no image");
  for (int i = 0; i < 2; ++i) {
    const DataScan scanned = scan();
    EXPECT_EQ(scanned.usable, (std::vector<bool>{true, false}));
    ASSERT_EQ(scanned.problems.size(), 1u);
    EXPECT_EQ(scanned.problems[0].sample, 1u);
    EXPECT_EQ(scanned.cache.reused, static_cast<size_t>(i));
  }
  fs::remove(files_ / "mask_0.bmp");
  EXPECT_EQ(scan().usable, (std::vector<bool>{false, false})) << "a file that is gone is not taken from the cache";
  files_.add_file("1.bmp", good);
  EXPECT_EQ(scan().usable, (std::vector<bool>{false, true}));
}

TEST_F(ScanCacheFile, AnotherProgramAndARescanReadAllFiles) {
  add_pairs(2);
  scan();
  ScanCacheOptions other = cache();
  other.program = "unet 2";
  const DataScan by_other = scan(other);
  EXPECT_EQ(by_other.cache.reused, 0u);
  expect_equal(by_other, read_all());
  EXPECT_EQ(scan(other).cache.reused, 2u);
  other.is_renewed = true;
  EXPECT_EQ(scan(other).cache.reused, 0u);
  other.is_renewed = false;
  EXPECT_EQ(scan(other).cache.reused, 2u);
}

TEST_F(ScanCacheFile, ACacheThatCannotBeWrittenIsDoneWithout) {
  add_pairs(1);
  write_bytes(folder_ / "file", "");
  const DataScan scanned = scan(cache("file/data.scan"));
  expect_equal(scanned, read_all());
  EXPECT_TRUE(contains(scanned.cache.not_kept, folder_ / "file/data.scan"));
  fs::create_directory(folder_ / "data.scan");
  expect_equal(scan(), read_all());
  ScanCacheOptions none;
  expect_equal(scan(none), read_all());
}

TEST_F(ScanCacheFile, OutlinesAreToldByTheirPoints) {
  add_pairs(1);
  const auto square = [](double side) {
    LabeledShape shape{1, {{{0, 0}, {side, 0}, {side, side}, {0, side}}}};
    return std::vector<LabeledShape>{shape};
  };
  samples_[0].labels = ShapeLabels({"labels.json", "", square(2)});
  scan();
  samples_[0].labels = ShapeLabels({"elsewhere.json", "", square(2)});
  EXPECT_EQ(scan().cache.reused, 1u);
  samples_[0].labels = ShapeLabels({"labels.json", "", square(3)});
  const DataScan larger = scan();
  EXPECT_EQ(larger.cache.reused, 0u);
  EXPECT_EQ(larger.value_counts[0].at(1), 9);
}

TEST_F(ScanCacheFile, WhatWasReadBeforeAStopIsKept) {
  add_pairs(4);
  size_t read = 0;
  ScanOptions options{1, [&](size_t done, size_t) { read = done; }, [&] { return read == 3; }};
  options.cache = cache();
  EXPECT_TRUE(contains(error_text(ErrorKind::interrupted, [&] { scan_samples(samples_, options); }), "3 of 4 images"));
  EXPECT_EQ(scan().cache.reused, 3u);
}

TEST_F(ScanCacheFile, ScansOfFilesThatAreGoneAreDropped) {
  add_pairs(2);
  scan();
  const std::vector<SampleRef> both = samples_, first{samples_[0]};
  constexpr int kSavings = 4;
  for (int i = 0; i < kSavings; ++i) {
    wait_for_a_tick();
    fs::last_write_time(files_ / "0.bmp", fs::file_time_type::clock::now());
    samples_ = first;
    scan();
    samples_ = both;
    ScanCacheOptions probe = cache("probe" + std::to_string(i));
    fs::copy_file(cache().file, probe.file);
    EXPECT_EQ(scan(probe).cache.reused, i + 1 < kSavings ? 2u : 1u) << i;
  }
}

TEST_F(ScanCacheFile, EachDataSetHasAFileWhateverTheSpellingOfItsFolder) {
  add_pairs(1);
  const TempFolder other;
  const std::string dir = files_.dir(), cache_folder = folder_.path();
  EXPECT_EQ(cache_file(cache_folder, dir, ".scan"), cache_file(cache_folder, dir + "/./", ".scan"));
  EXPECT_NE(cache_file(cache_folder, dir, ".scan"), cache_file(cache_folder, other.path(), ".scan"));
  scan();
  samples_ = {{"0", ImageFile(dir + "/./0.bmp"), MaskFile(dir + "/./mask_0.bmp")}};
  ScanCacheOptions spelled = cache();
  spelled.dir = dir + "/.";
  EXPECT_EQ(scan(spelled).cache.reused, 1u);
}

TEST(OpenDatasetWithCache, GivesTheSameDataSet) {
  DataFiles files;
  for (const char* stem : {"a", "b", "c"}) {
    files.add_image("train/images/" + std::string(stem) + ".png", files.noise(8, 8));
    cv::Mat transparent(8, 8, CV_8UC4, cv::Scalar(0, 0, 0, 255));
    transparent.colRange(0, 4) = cv::Scalar(0, 0, 0, 0);
    files.add_mask("train/masks/" + std::string(stem) + ".png", transparent);
  }
  const TempFolder folder;
  DataOptions options;
  options.dir = files.dir();
  ScanOptions scan{2};
  const Dataset expected = open_dataset(options, scan);
  EXPECT_EQ(expected.options.mask_channel, MaskChannel::alpha) << "all masks are read twice";
  scan.cache.file = folder / "data.scan";
  scan.cache.dir = options.dir;
  scan.cache.now = present_time() + 10'000'000'000;
  for (const size_t reused : {size_t{0}, size_t{3}}) {
    const Dataset dataset = open_dataset(options, scan);
    EXPECT_EQ(dataset.scan.cache.reused, reused);
    EXPECT_EQ(dataset.decisions, expected.decisions);
    expect_equal(dataset.scan, expected.scan);
  }
}

}  // namespace
}  // namespace unet
