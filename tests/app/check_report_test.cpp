#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/check/report_json.h"
#include "app/check/report_pictures.h"
#include "app/check/report_table.h"
#include "app/check/suggested_config.h"
#include "app/check/suspects.h"
#include "app/check/text_layout.h"
#include "app/config/config.h"
#include "models/losses/cross_entropy.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"

namespace unet {
namespace {

DataReport check(const DataFiles& files, DataOptions options = {}) {
  options.dir = files.dir();
  return check_data(open_dataset(options, {2}));
}

class CheckReport : public testing::Test {
 protected:
  CheckReport() {
    for (const char* stem : {"a", "b", "c"}) files_.add_pair(stem);
    files_.add_pair("v", "val/");
  }

  DataFiles files_;
};

TEST_F(CheckReport, TheFirstLineSaysThatADataSetIsClean) {
  const std::string table = to_table(check(files_));
  EXPECT_EQ(table.substr(0, table.find('\n')), files_.dir() + ": 4 images, no problems, no warnings");
  EXPECT_TRUE(contains(table, "\nparts      3 train, 1 val (by folder: train/, val/)\n"));
  EXPECT_TRUE(contains(table, "\nsizes      all 64x64 (width x height)\n"));
  EXPECT_TRUE(contains(table, "\ndepth      8 bits, values 0 to 255\n"));
  EXPECT_TRUE(contains(table, "\nforeground         255  50.0%  50.0%    2.13\n"));
  EXPECT_TRUE(contains(table, "\nforeground    8192       4\n"));
  EXPECT_TRUE(contains(table, "  # crops of 64x64 fit into 100.0% of the training images\n  size: [64, 64]\n"));
  EXPECT_TRUE(contains(table, "\nNo class weights are needed: the rarest class, background, has 50.0%"));
  EXPECT_EQ(table.find("Problems"), std::string::npos);
}

TEST_F(CheckReport, LongListsAreShortenedInTheTableAndCompleteInJson) {
  for (int i = 0; i < 30; ++i) files_.add_image("train/images/lonely" + std::to_string(i) + ".png", files_.noise());
  const DataReport report = check(files_);
  const std::string table = to_table(report);
  EXPECT_TRUE(contains(table, "\nProblems: 30\n  images without a mask and masks without an image: 30\n    Add it, "));
  EXPECT_TRUE(contains(table, "      train/images/lonely0.png: no mask; looked for train/masks/lonely0.*\n"));
  EXPECT_TRUE(contains(table, "      and 27 more\n"));
  EXPECT_LT(table.find("Problems"), table.find("\nparts ")) << "most important first";
  const auto document = nlohmann::json::parse(to_json(report).dump());
  ASSERT_EQ(document["problems"].size(), 30u);
  EXPECT_EQ(document["problems"][0]["kind"], "orphan");
  EXPECT_EQ(document["problems"][29]["file"], files_ / "train/images/lonely9.png");
  ASSERT_EQ(document["groups"]["problems"].size(), 1u);
  EXPECT_EQ(document["groups"]["problems"][0]["count"], 30);
  EXPECT_EQ(document["groups"]["problems"][0]["examples"].size(), 3u);
}

TEST_F(CheckReport, SharesOfImagesCountOnlyReadableImages) {
  files_.add_file("train/images/a.png", "");
  const DataReport report = check(files_);
  EXPECT_TRUE(contains(to_table(report), "\nforeground    6144       3\n"));
  EXPECT_TRUE(contains(to_table(report), "64x64 fit into 100.0% of the training images"));
  EXPECT_EQ(to_json(report)["classes"][1]["image_share"], 1);
}

TEST_F(CheckReport, RareClassesSuggestClassWeights) {
  for (const char* stem : {"a", "b", "c"})
    files_.add_mask("train/masks/" + std::string(stem) + ".png", DataFiles::top_row(255));
  const DataReport report = check(files_);
  EXPECT_TRUE(contains(to_table(report), "  # the rarest class, foreground, has 1.6% of the training pixels"));
  const nlohmann::json document = to_json(report);
  EXPECT_EQ(document["suggested"]["use_class_weights"], true);
  EXPECT_NEAR(document["suggested"]["class_weights"][1].get<double>(), 9.1395, 1e-3) << "1 / ln(1.1 + 1/64)";
  EXPECT_NEAR(document["classes"][1]["training_pixel_share"].get<double>(), 1 / 64.0, 1e-9);
}

TEST_F(CheckReport, TheSuggestedConfigReadsBack) {
  for (const char* stem : {"a", "b", "c"})
    files_.add_mask("train/masks/" + std::string(stem) + ".png", DataFiles::top_row(255));
  DataReport report = check(files_);
  report.masks.classes[1].name = "a name\n: of two lines and # of so many words that the comment has to be wrapped";
  const std::string text = suggested_config(report);
  Config config;
  EXPECT_NO_THROW(read_config(parse_yaml(text, "suggested"), config)) << text;
  EXPECT_EQ(config.data.size, (std::vector<int64_t>{64, 64}));
  EXPECT_EQ(config.data.normalize, Normalize::dataset);
  const auto* loss = dynamic_cast<const CrossEntropy*>(&*config.loss.terms[0]);
  ASSERT_NE(loss, nullptr);
  EXPECT_EQ(std::get<ClassWeighting>(loss->class_weights), ClassWeighting::automatic);
  EXPECT_EQ(to_json(report)["suggested"]["config"], text);
  for (const Normalize normalize : {Normalize::percentile, Normalize::per_image}) {
    report.normalization.normalize = normalize;
    Config other;
    read_config(parse_yaml(suggested_config(report), "suggested"), other);
    EXPECT_EQ(other.data.normalize, normalize);
  }
}

TEST_F(CheckReport, TheRangeOfTheValuesIsSaid) {
  for (const char* image : {"train/images/a.png", "train/images/b.png", "train/images/c.png", "val/images/v.png"}) {
    cv::Mat pixels = files_.noise(64, 64, CV_16UC1) / 32 + 500;
    pixels.at<uint16_t>(0, 0) = 134;
    pixels.at<uint16_t>(0, 1) = 3912;
    files_.add_image(image, pixels);
  }
  const DataReport report = check(files_);
  EXPECT_TRUE(contains(to_table(report), "\ndepth      16 bits, values 134 to 3912: uses 6% of the 16-bit range\n"));
  const auto document = to_json(report);
  ASSERT_EQ(document["ranges"].size(), 1u);
  EXPECT_NEAR(document["ranges"][0]["share"].get<double>(), (3912 - 134) / 65535.0, 1e-9);
  EXPECT_EQ(document["ranges"][0]["images"], 4);
}

TEST_F(CheckReport, ExifRotationsAreCounted) {
  for (const char* stem : {"x", "y"}) {
    files_.add_file("train/images/" + std::string(stem) + ".jpg",
                    jpeg_with_exif(encode_image(".jpg", files_.noise()), 3));
    files_.add_mask("train/masks/" + std::string(stem) + ".png", DataFiles::halves(0, 255));
  }
  const DataReport report = check(files_);
  EXPECT_TRUE(contains(to_table(report), "\nEXIF       2 masks in doubt, taken as the image is shown\n"));
  EXPECT_EQ(to_json(report)["rotations"]["unclear"], 2);
  EXPECT_EQ(to_json(report)["rotations"]["equal"], 4);
}

TEST_F(CheckReport, ObjectsAreInTheTableAndInJson) {
  DataOptions options;
  options.dir = files_.dir();
  ScanOptions scan;
  scan.objects = true;
  const DataReport report = check_data(open_dataset(options, scan), scan);
  EXPECT_TRUE(contains(to_table(report), "\nforeground    8192       4        4    2048  2048-2048       31.0\n"));
  const auto objects = to_json(report)["classes"][1]["objects"];
  EXPECT_EQ(objects["count"], 4);
  EXPECT_EQ(objects["pixels"]["median"], 2048);
  EXPECT_EQ(objects["thickness"], 31);
}

TEST_F(CheckReport, MaskValuesWithoutClassesAreListed) {
  files_.add_mask("train/masks/a.png", DataFiles::halves(3, 170));
  const std::string table = to_table(check(files_));
  EXPECT_TRUE(contains(table, "\nmask value  pixels  share  images with it\n"));
  EXPECT_TRUE(contains(table, "\n170           2048  12.5%               1\n"));
}

TEST_F(CheckReport, NoLineIsLongerThanATerminal) {
  files_.add_image("train/images/lonely.png", files_.noise());
  files_.add_mask("train/masks/a.png", DataFiles::halves(255, 255));
  std::istringstream lines(to_table(check(files_)));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), kReportWidth) << line;
}

TEST_F(CheckReport, SuspectsAreListedOnceWithProblemsFirstAndDuplicatesTogether) {
  const cv::Mat pixels = files_.noise();
  files_.add_image("train/images/a.png", pixels);
  files_.add_image("train/images/c.png", pixels);
  files_.add_mask("train/masks/a.png", DataFiles::halves(255, 255));
  files_.add_image("val/images/lonely.png", files_.noise());
  const DataReport report = check(files_);
  const auto suspects = suspects_of(report);
  ASSERT_EQ(suspects.size(), 3u);
  EXPECT_EQ(suspects[0].file, files_ / "val/images/lonely.png");
  EXPECT_FALSE(suspects[0].sample);
  EXPECT_EQ(suspects[1].sample, 2u);
  EXPECT_EQ(suspects[1].reasons, std::vector<std::string>{"different mask: a.png"});
  EXPECT_EQ(suspects[2].sample, 0u);
  EXPECT_EQ(suspects[2].reasons, (std::vector<std::string>{"same as c.png", "only foreground"}));
  EXPECT_EQ(ordinary_samples(report, suspects, 9), (std::vector<size_t>{1, 3}));
}

TEST_F(CheckReport, OrdinarySamplesAreOfEveryPartAndSpreadOverIt) {
  for (int i = 0; i < 20; ++i) files_.add_pair("x" + std::to_string(i));
  EXPECT_EQ(ordinary_samples(check(files_), {}, 4), (std::vector<size_t>{0, 7, 15, 23}))
      << "23 is the validation image";
}

TEST_F(CheckReport, SheetsHold48TilesAndOrdinarySamplesFillTheLastRow) {
  for (int i = 0; i < 50; ++i) {
    files_.add_pair("x" + std::to_string(i));
    files_.add_mask("train/masks/x" + std::to_string(i) + ".png", DataFiles::halves(255, 255));
  }
  files_.add_file("train/images/x0.png", "");
  const TempFolder out;
  std::vector<double> steps;
  const auto paths =
      draw_report_pictures(check(files_), out.path(), [&](double done) { steps.push_back(done); }).sheets;
  ASSERT_EQ(paths, (std::vector<std::string>{out / "contact-sheet-1.png", out / "contact-sheet-2.png"}));
  EXPECT_EQ(steps.size(), 54u) << "50 suspects and 4 others";
  EXPECT_EQ(steps.back(), 1);
  const cv::Mat first = read_image(paths[0]).pixels, second = read_image(paths[1]).pixels;
  EXPECT_EQ(first.cols, 1256);
  EXPECT_GT(first.rows, 8 * 200);
  EXPECT_LT(second.rows, 2 * 260) << "one row";
}

TEST_F(CheckReport, UnknownAndIgnoredPixelsAreMarkedOnTheSheet) {
  DataOptions options;
  options.labels = {{0, 0}, {255, 1}};
  options.ignore_values = {9};
  files_.add_mask("train/masks/a.png", DataFiles::halves(0, 7));
  files_.add_mask("train/masks/b.png", DataFiles::halves(0, 9));
  const TempFolder out;
  const auto paths = draw_report_pictures(check(files_, options), out.path(), [](double) {}).sheets;
  const cv::Mat sheet = read_image(paths.at(0)).pixels;
  const auto count = [&](int r, int g, int b) {
    cv::Mat found;
    cv::inRange(sheet, cv::Scalar(r, g, b), cv::Scalar(r, g, b), found);
    return cv::countNonZero(found);
  };
  EXPECT_GE(count(255, 0, 255), 100 * 200);
  EXPECT_GE(count(90, 90, 90), 100 * 200 / 3 - 200);
}

TEST(TextLayout, LinesBreakBetweenWordsAndAreIndented) {
  const std::string word(30, 'w');
  EXPECT_EQ(wrapped(word + " " + word + " " + word, 4), word + " " + word + "\n    " + word);
  EXPECT_EQ(wrapped(std::string(150, 'w'), 4), std::string(150, 'w')) << "a path is not broken";
}

TEST(TextLayout, LineEndsStayAndSettingsAreNotBroken) {
  const std::string setting = "--set 'data.labels={0: 0, 255: 1}'", word(60, 'w');
  EXPECT_EQ(wrapped("Say it:\n  as classes: " + setting, 4), "Say it:\n      as classes: " + setting);
  EXPECT_EQ(wrapped(word + " " + setting, 2), word + "\n  " + setting);
  EXPECT_EQ(wrapped(word + " the image's own size is not quoted", 0), word + " the image's own\nsize is not quoted");
}

TEST(TextLayout, LongNamesAreShortenedBetweenCharacters) {
  EXPECT_EQ(shortened("sky", 6), "sky");
  EXPECT_EQ(shortened("pedestrian", 6), "ped...");
  EXPECT_EQ(shortened("\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F", 6), "\xC3\xA4\xC3\xB6\xC3\xBC...");
}

TEST(TextLayout, SmallSharesKeepTheirDigits) {
  EXPECT_EQ(percent(1, 4), "25.0%");
  EXPECT_EQ(percent(3, 1000), "0.30%");
  EXPECT_EQ(percent(1, 50000), "0.002%");
  EXPECT_EQ(percent(0, 5), "0.0%");
  EXPECT_EQ(percent(0, 0), "-");
}

TEST(TextLayout, ColumnsAreAlignedByCharactersNotBytes) {
  Columns table;
  table.add({"\xC3\xA4", "1"});
  table.add({"bcd", "22"});
  EXPECT_EQ(table.text(), "\xC3\xA4     1\nbcd  22\n");
}

}  // namespace
}  // namespace unet
