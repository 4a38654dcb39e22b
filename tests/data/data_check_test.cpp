#include "data/check/data_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "configs/schema/class_weight.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/error_text.h"
#include "tests/support/scenes.h"

namespace unet {
namespace {

class DataCheck : public testing::Test {
 protected:
  /// Adds two training pairs and one for validation, all valid.
  DataCheck() {
    options_.dir = files_.dir();
    for (const char* stem : {"a", "b"}) files_.add_pair(stem);
    files_.add_pair("v", "val/");
  }

  DataReport check() const { return check_data(open_dataset(options_, {2})); }

  DataReport check_with_objects() const {
    ScanOptions scan;
    scan.threads = 2;
    scan.objects = true;
    return check_data(open_dataset(options_, scan), scan);
  }

  /// Returns the texts of the findings of a kind.
  static std::vector<std::string> texts_of_kind(const std::vector<Finding>& findings, FindingKind kind) {
    std::vector<std::string> texts;
    for (const Finding& finding : findings)
      if (finding.kind == kind) texts.push_back(finding.text);
    return texts;
  }

  /// Counts the findings of all other kinds.
  static size_t count_others(const std::vector<Finding>& findings, FindingKind kind) {
    return findings.size() - texts_of_kind(findings, kind).size();
  }

  /// Expects a single warning, of this kind, about this file and with this text, and no problem.
  void expect_warning(FindingKind kind, const std::string& file, const std::string& what) const {
    const DataReport report = check();
    EXPECT_EQ(texts_of(report.data.problems), std::vector<std::string>{});
    const auto texts = texts_of_kind(report.warnings, kind);
    ASSERT_EQ(texts.size(), 1u) << testing::PrintToString(texts_of(report.warnings));
    EXPECT_EQ(count_others(report.warnings, kind), 0u) << testing::PrintToString(texts_of(report.warnings));
    EXPECT_TRUE(contains(texts[0], (file.empty() ? "" : files_ / file + ": ") + what));
  }

  DataFiles files_;
  DataOptions options_;
};

TEST_F(DataCheck, ACleanSetHasFactsAndNoFindings) {
  const DataReport report = check();
  EXPECT_EQ(texts_of(report.data.problems), std::vector<std::string>{});
  EXPECT_EQ(texts_of(report.warnings), std::vector<std::string>{});
  EXPECT_EQ(texts_of(report.data.notes), std::vector<std::string>{});
  EXPECT_EQ(report.data.usable({kTrain}), (std::vector<size_t>{0, 1}));
  EXPECT_EQ(report.data.usable({kVal}), std::vector<size_t>{2});
  EXPECT_EQ(report.data.rule, "by folder: train/, val/");
  ASSERT_EQ(report.masks.classes.size(), 2u);
  EXPECT_EQ(report.masks.classes[1].name, "foreground");
  EXPECT_EQ(report.masks.classes[1].values, std::vector<LabelKey>{255});
  EXPECT_EQ(report.masks.classes[1].pixels, (PartCounts{2 * 2048, 2048, 0}));
  EXPECT_EQ(report.masks.classes[1].images, (PartCounts{2, 1, 0}));
  EXPECT_EQ(report.class_weights, (std::vector<double>{class_weight(0.5), class_weight(0.5)}));
  EXPECT_NEAR(report.class_weights[0], 2.1276, 1e-4) << "1 / ln 1.6";
  EXPECT_EQ(report.crop, 64);
  ASSERT_EQ(report.intensity.size(), 3u);
  EXPECT_NEAR(report.intensity[0].mean, 0.5, 0.02);
  EXPECT_EQ(report.intensity[0].lowest, 0);
  EXPECT_EQ(report.intensity[0].highest, 1);
}

TEST_F(DataCheck, EveryProblemIsListedBesideTheStatistics) {
  files_.add_image("train/images/lonely.png", files_.noise());
  files_.add_mask("val/masks/widow.png", DataFiles::halves(0, 255));
  files_.add_image("train/images/a.jpg", files_.noise());
  files_.add_pair("short");
  files_.add_file("train/images/short.png", encode_image(".png", files_.noise()).substr(0, 300));
  files_.add_pair("odd");
  files_.add_mask("train/masks/odd.png", DataFiles::halves(0, 255, 64, 60));
  files_.add_pair("strange");
  files_.add_mask("train/masks/strange.png", DataFiles::halves(0, 7));
  options_.labels = {{0, 0}, {255, 1}};
  const DataReport report = check();
  const struct {
    FindingKind kind;
    std::string file, what;
  } expected[] = {
      {FindingKind::orphan, "train/images/lonely.png", "no mask; looked for"},
      {FindingKind::orphan, "val/masks/widow.png", "no image; looked for"},
      {FindingKind::duplicate_stem, "train/images/a.png", "same stem as"},
      {FindingKind::unreadable, "train/images/short.png", ""},
      {FindingKind::size_mismatch, "train/masks/odd.png", "got a mask of 60x64 pixels for an image of 64x64"},
      {FindingKind::unknown_value, "train/masks/strange.png", "got mask values without a class: 7 (2048 pixels)"},
  };
  ASSERT_EQ(report.data.problems.size(), std::size(expected)) << testing::PrintToString(texts_of(report.data.problems));
  for (size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(report.data.problems[i].kind, expected[i].kind) << i;
    EXPECT_EQ(report.data.problems[i].file, files_ / expected[i].file);
    EXPECT_TRUE(contains(report.data.problems[i].text, expected[i].what));
    EXPECT_NE(report.data.problems[i].reason, "") << i;
  }
  EXPECT_EQ(report.masks.classes[1].images[kTrain], 2) << "a and b are still counted";
  EXPECT_EQ(report.intensity.size(), 3u);
}

TEST_F(DataCheck, LabelsThatCannotBeInferredAreOneProblemBesideTheStatistics) {
  files_.add_mask("train/masks/a.png", DataFiles::halves(3, 170));
  const DataReport report = check();
  ASSERT_EQ(report.data.problems.size(), 1u);
  EXPECT_EQ(report.data.problems[0].kind, FindingKind::labels);
  EXPECT_TRUE(contains(report.data.problems[0].text, "got 0 (4096 pixels), 3 (2048 pixels), 170 (2048 pixels), 255"));
  EXPECT_TRUE(contains(report.data.problems[0].text, "data.labels={0: 0, 3: 1, 170: 2, 255: 3}"));
  EXPECT_TRUE(report.masks.classes.empty());
  EXPECT_EQ(report.masks.pixels, 3 * 4096);
  EXPECT_EQ(report.crop, 64);
}

TEST_F(DataCheck, LabelsAreInferredWithoutTheTestPart) {
  files_.add_pair("t", "test/");
  files_.add_mask("test/masks/t.png", DataFiles::halves(0, 9));
  const DataReport report = check();
  ASSERT_EQ(report.data.problems.size(), 1u);
  EXPECT_EQ(report.data.problems[0].kind, FindingKind::unknown_value);
  EXPECT_EQ(report.data.options.labels, (LabelClasses{{0, 0}, {255, 1}}));
}

TEST_F(DataCheck, OptionsThatDoNotFitTheDataAreAProblem) {
  options_.class_names = {"one", "two", "three"};
  const DataReport report = check();
  ASSERT_EQ(report.data.problems.size(), 1u);
  EXPECT_EQ(report.data.problems[0].kind, FindingKind::options);
  EXPECT_TRUE(contains(report.data.problems[0].text, "[data.class_names] got 3 values, expected 2"));
  EXPECT_EQ(report.masks.classes.size(), 2u) << "classes are still reported";
  options_.class_names = {};
  options_.size_policy = SizePolicy::pad;
  options_.size = {32, 32};
  const auto texts = texts_of_kind(check().data.problems, FindingKind::options);
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_TRUE(contains(texts[0], "[data.size] got 32x32, expected at least 64x64"));
}

TEST_F(DataCheck, SkippedFilesAreNotes) {
  files_.add_image("train/images/lonely.png", files_.noise());
  files_.add_file("train/images/b.png", "");
  files_.add_file("train/masks/readme.txt", "hello");
  options_.missing_mask = options_.bad_file = BadFilePolicy::skip;
  const DataReport report = check();
  EXPECT_EQ(texts_of(report.data.problems), std::vector<std::string>{});
  ASSERT_EQ(report.data.notes.size(), 3u);
  EXPECT_EQ(report.data.notes[0].kind, FindingKind::orphan);
  EXPECT_EQ(report.data.notes[1].kind, FindingKind::unreadable);
  EXPECT_EQ(report.data.notes[2].kind, FindingKind::other_file);
}

TEST_F(DataCheck, ASetWithoutPairsListsItsOrphans) {
  const DataFiles files;
  files.add_mask("images/a.png", DataFiles::halves(0, 255));
  files.add_mask("masks/b.png", DataFiles::halves(0, 255));
  options_.dir = files.dir();
  const DataReport report = check();
  ASSERT_EQ(report.data.problems.size(), 3u);
  EXPECT_EQ(report.data.problems[0].kind, FindingKind::no_pair);
  EXPECT_EQ(report.data.problems[1].kind, FindingKind::orphan);
  EXPECT_TRUE(report.intensity.empty());
  EXPECT_EQ(report.crop, 0);
}

TEST_F(DataCheck, WithoutAUsableTrainingImageThereIsAProblem) {
  for (const char* image : {"train/images/a.png", "train/images/b.png"}) files_.add_file(image, "<html>");
  const DataReport report = check();
  EXPECT_EQ(texts_of_kind(report.data.problems, FindingKind::unreadable).size(), 2u);
  EXPECT_EQ(texts_of_kind(report.data.problems, FindingKind::no_training_image).size(), 1u);
  EXPECT_EQ(report.masks.classes.size(), 2u) << "from the validation image";
}

TEST_F(DataCheck, AMissingFolderIsRefused) {
  std::filesystem::remove_all(files_ / "val/masks");
  EXPECT_TRUE(contains(error_text(ErrorKind::missing_input, [&] { check(); }), "val/masks: no such folder"));
}

TEST_F(DataCheck, ObjectsAreCountedAndMeasured) {
  cv::Mat mask = DataFiles::halves(0, 0);
  for (const cv::Point center : {cv::Point(12, 12), cv::Point(40, 20), cv::Point(30, 50)})
    for (int y = -5; y <= 5; ++y)
      for (int x = -5; x <= 5; ++x)
        if (x * x + y * y <= 25) mask.at<uint8_t>(center.y + y, center.x + x) = 255;
  files_.add_mask("train/masks/a.png", mask);
  EXPECT_TRUE(check().objects.classes.empty()) << "they were not wanted";
  const ClassObjects objects = check_with_objects().objects;
  ASSERT_EQ(objects.classes.size(), 2u);
  EXPECT_EQ(objects.masks_left_out, 0);
  const ObjectFacts &background = objects.classes[0], &foreground = objects.classes[1];
  EXPECT_EQ(foreground.count, 3 + 2) << "three discs in a, and a half of b and v";
  EXPECT_EQ(foreground.images, 3);
  EXPECT_EQ(foreground.smallest, 81);
  EXPECT_EQ(foreground.median, 81);
  EXPECT_EQ(foreground.largest, 2048);
  EXPECT_NEAR(foreground.thickness, 9.246, 1e-3) << "2 sqrt(17) + 1";
  EXPECT_EQ(background.count, 3);
  EXPECT_EQ(background.largest, 4096 - 3 * 81);
  EXPECT_NEAR(background.thickness, 31, 1e-3) << "a half of 32 pixels: one less for an even width";
}

TEST_F(DataCheck, TouchingObjectsWithNumbersOfTheirOwnCountOneByOne) {
  cv::Mat mask = DataFiles::halves(0, 0);
  mask(cv::Rect(10, 10, 9, 20)) = cv::Scalar(1);
  mask(cv::Rect(19, 10, 9, 20)) = cv::Scalar(2);
  for (const char* file : {"train/masks/a.png", "train/masks/b.png", "val/masks/v.png"}) files_.add_mask(file, mask);
  options_.labels = {{0, 0}, {LabelKey(1, 65535), 1}};
  const ClassObjects objects = check_with_objects().objects;
  ASSERT_EQ(objects.classes.size(), 2u);
  EXPECT_EQ(objects.classes[1].count, 6);
  EXPECT_EQ(objects.classes[1].median, 180);
}

TEST_F(DataCheck, SoftEdgesBelongToTheirObjects) {
  cv::Mat mask = DataFiles::halves(0, 0);
  const auto checker = [&](int margin, int even, int odd) {
    for (int y = margin; y < 64 - margin; ++y)
      for (int x = margin; x < 64 - margin; ++x)
        mask.at<uint8_t>(y, x) = static_cast<uint8_t>((x + y) % 2 == 0 ? even : odd);
  };
  checker(20, 60, 90);
  checker(21, 150, 200);
  checker(22, 255, 255);
  for (const char* file : {"train/masks/a.png", "train/masks/b.png", "val/masks/v.png"}) files_.add_mask(file, mask);
  options_.threshold = 128;
  const ClassObjects objects = check_with_objects().objects;
  ASSERT_EQ(objects.classes.size(), 2u);
  EXPECT_EQ(objects.classes[1].count, 3);
  EXPECT_EQ(objects.classes[1].smallest, 22 * 22);
  EXPECT_EQ(objects.classes[1].largest, 22 * 22);
  EXPECT_EQ(objects.classes[0].count, 3);
}

TEST_F(DataCheck, MasksWithTooManyPiecesAreLeftOutOfTheObjects) {
  cv::Mat mask = DataFiles::halves(0, 0, 256, 256);
  for (int y = 0; y < 256; y += 2)
    for (int x = 0; x < 256; x += 2) mask.at<uint8_t>(y, x) = 255;
  files_.add_image("train/images/a.png", files_.noise(256, 256));
  files_.add_mask("train/masks/a.png", mask);
  const ClassObjects objects = check_with_objects().objects;
  EXPECT_EQ(objects.masks_left_out, 1);
  EXPECT_EQ(objects.classes.at(1).count, 2);
}

TEST_F(DataCheck, AdvisesANormalizationThatSuitsTheImages) {
  EXPECT_EQ(check().normalization.normalize, Normalize::dataset);
  const auto around = [&](int level) {
    cv::Mat image(64, 64, CV_8UC3);
    cv::RNG(3).fill(image, cv::RNG::UNIFORM, level - 2, level + 3);
    return image;
  };
  for (const auto& [stem, level] : std::vector<std::pair<std::string, int>>{{"a", 100}, {"b", 101}, {"c", 99}}) {
    cv::Mat image = around(level);
    if (stem == "a") image.at<cv::Vec3b>(5, 5) = {255, 255, 255};
    files_.add_pair(stem);
    files_.add_image("train/images/" + stem + ".png", image);
  }
  EXPECT_EQ(check().normalization.normalize, Normalize::percentile);
  for (const auto& [stem, level] : std::vector<std::pair<std::string, int>>{{"a", 30}, {"b", 120}, {"c", 220}})
    files_.add_image("train/images/" + stem + ".png", around(level));
  EXPECT_EQ(check().normalization.normalize, Normalize::per_image);
}

TEST_F(DataCheck, ImagesWhoseChannelsCannotBeConvertedAreAProblem) {
  std::filesystem::remove(files_ / "train/images/a.png");
  files_.add_file("train/images/a.npy", npy_file("|u1", "(64, 64, 2)", std::string(64 * 64 * 2, '\1')));
  const DataReport report = check();
  EXPECT_EQ(texts_of_kind(report.data.problems, FindingKind::options).size(), 1u);
  EXPECT_EQ(report.intensity.size(), 3u) << "of the image that fits";
}

TEST_F(DataCheck, WarnsAboutMasksOfOneClass) {
  files_.add_mask("train/masks/a.png", DataFiles::halves(255, 255));
  expect_warning(FindingKind::constant_mask, "train/masks/a.png", "only foreground");
}

TEST_F(DataCheck, WarnsAboutMasksThatAreIgnoredEntirely) {
  files_.add_mask("train/masks/a.png", DataFiles::halves(9, 9));
  options_.ignore_values = {9};
  expect_warning(FindingKind::ignored_mask, "train/masks/a.png", "every pixel is ignored");
  EXPECT_EQ(check().masks.ignored, 4096);
}

TEST_F(DataCheck, WarnsAboutImagesOfASingleColor) {
  files_.add_image("train/images/a.png", cv::Mat(64, 64, CV_8UC3, cv::Scalar(1, 2, 3)));
  expect_warning(FindingKind::constant_image, "train/images/a.png", "every pixel has the same color");
}

TEST_F(DataCheck, WarnsAboutMixedChannels) {
  files_.add_image("train/images/a.png", files_.noise(64, 64, CV_8UC1));
  expect_warning(FindingKind::mixed_channels, "train/images/a.png", "gray; most images have RGB");
}

TEST_F(DataCheck, WarnsAboutMixedDepth) {
  files_.add_image("train/images/a.png", files_.noise(64, 64, CV_16UC3));
  expect_warning(FindingKind::mixed_depth, "train/images/a.png",
                 "16 bits per channel; most images have 8 bits per channel");
}

TEST_F(DataCheck, WarnsAboutDuplicateImages) {
  const cv::Mat pixels = files_.noise();
  files_.add_image("train/images/a.png", pixels);
  files_.add_image("train/images/b.png", pixels);
  expect_warning(FindingKind::duplicate_image, "train/images/b.png",
                 "same image as " + files_ / "train/images/a.png" + ", with the same mask, both in train");
  files_.add_mask("train/masks/b.png", DataFiles::halves(255, 0));
  expect_warning(FindingKind::duplicate_image, "train/images/b.png",
                 "same image as " + files_ / "train/images/a.png" + ", with a different mask");
}

TEST_F(DataCheck, WarnsAboutALeakIntoValidation) {
  const cv::Mat pixels = files_.noise();
  files_.add_image("train/images/a.png", pixels);
  files_.add_image("val/images/v.png", pixels);
  expect_warning(FindingKind::leak, "val/images/v.png",
                 "same image as " + files_ / "train/images/a.png" +
                     ", with the same mask; this one is in val, the other in train: a leak");
  EXPECT_EQ(check().warnings[0].twin, 0u);
}

TEST_F(DataCheck, WarnsAboutNearDuplicatesInTwoParts) {
  files_.add_image("train/images/a.png", blob_scene(1));
  files_.add_mask("train/masks/a.png", DataFiles::halves(0, 255, 96, 96));
  files_.add_image("train/images/b.png", blob_scene(1) + 1);
  files_.add_mask("train/masks/b.png", DataFiles::halves(0, 255, 96, 96));
  files_.add_image("val/images/v.png", blob_scene(1) + 2);
  files_.add_mask("val/masks/v.png", DataFiles::halves(0, 255, 96, 96));
  expect_warning(FindingKind::near_leak, "val/images/v.png",
                 "near duplicate of " + files_ / "train/images/a.png" + "; this one is in val, the other in train");
  EXPECT_EQ(check().warnings[0].twin, 0u);
}

TEST_F(DataCheck, WarnsAboutClassesThatNoMaskHas) {
  options_.labels = {{0, 0}, {100, 1}, {255, 2}};
  expect_warning(FindingKind::absent_class, "", "class 1 (mask value 100): occurs in no mask");
}

TEST_F(DataCheck, WarnsAboutClassesThatOnlyValidationHas) {
  files_.add_mask("val/masks/v.png", DataFiles::halves(100, 255));
  options_.labels = {{0, 0}, {100, 1}, {255, 2}};
  expect_warning(FindingKind::untrained_class, "", "class 1 (mask value 100): in 1 validation and 0 test images");
}

TEST_F(DataCheck, WarnsAboutTrainingImagesSmallerThanTheCrop) {
  files_.add_image("train/images/a.png", files_.noise(40, 90));
  files_.add_mask("train/masks/a.png", DataFiles::halves(0, 255, 40, 90));
  expect_warning(FindingKind::small_image, "train/images/a.png", "90x40, the crop is 64x64 (width x height)");
  options_.size_policy = SizePolicy::resize;
  EXPECT_EQ(texts_of(check().warnings), std::vector<std::string>{}) << "only crops can be larger than an image";
}

TEST_F(DataCheck, WarnsWithoutAValidationImage) {
  std::filesystem::remove_all(files_ / "val");
  options_.val_fraction = 0;
  expect_warning(FindingKind::no_validation_image, "", "Set data.val_fraction");
}

TEST(FindingKinds, HaveANameAndATitle) {
  for (int kind = 0; kind <= static_cast<int>(FindingKind::other_file); ++kind) {
    EXPECT_NE(name_of(static_cast<FindingKind>(kind)), "");
    EXPECT_NE(title_of(static_cast<FindingKind>(kind)), "");
  }
}

}  // namespace
}  // namespace unet
