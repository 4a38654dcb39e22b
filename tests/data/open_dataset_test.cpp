#include "data/dataset/open_dataset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

class OpenDataset : public testing::Test {
 protected:
  OpenDataset() {
    options_.dir = files_.dir();
    for (const char* stem : {"a", "b"}) files_.add_pair(stem);
    files_.add_pair("v", "val/");
    files_.add_pair("t", "test/");
  }

  Dataset open() const { return open_dataset(options_, {2}); }
  std::string refusal(ErrorKind kind) const {
    return error_text(kind, [&] { refuse_problems(files_.dir(), open().problems); });
  }

  DataFiles files_;
  DataOptions options_;
};

TEST_F(OpenDataset, SamplesAreOrderedByPartAndEveryAutoIsResolved) {
  const Dataset dataset = open();
  std::string names;
  for (const SampleRef& sample : dataset.samples) names += sample.name;
  EXPECT_EQ(names, "abvt");
  EXPECT_EQ(dataset.part(3), kTest);
  EXPECT_EQ(dataset.usable({kTrain, kTest}), (std::vector<size_t>{0, 1, 3}));
  EXPECT_EQ(dataset.options.size, (std::vector<int64_t>{64, 64}));
  EXPECT_EQ(dataset.options.class_names.size(), 2u);
  EXPECT_EQ(dataset.decisions.size(), 4u);
  EXPECT_NO_THROW(refuse_problems(files_.dir(), dataset.problems));
}

TEST_F(OpenDataset, OnlyTrainingImagesDecideStatistics) {
  const auto before = open().options.mean;
  for (const char* image : {"val/images/v.png", "test/images/t.png"})
    files_.add_image(image, cv::Mat::zeros(64, 64, CV_8UC3));
  EXPECT_EQ(open().options.mean, before);
}

TEST_F(OpenDataset, FaultsInTheTestPartAreProblemsButDoNotDecideLabels) {
  files_.add_mask("test/masks/t.png", DataFiles::halves(0, 9));
  const Dataset dataset = open();
  ASSERT_EQ(dataset.problems.size(), 1u);
  EXPECT_EQ(dataset.problems[0].kind, FindingKind::unknown_value);
  EXPECT_EQ(dataset.options.labels.size(), 2u);
}

TEST_F(OpenDataset, SkippedFilesAreNotesAndNotUsable) {
  files_.add_file("train/images/b.png", "");
  options_.bad_file = BadFilePolicy::skip;
  const Dataset dataset = open();
  EXPECT_TRUE(dataset.problems.empty());
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_EQ(dataset.notes[0].sample, 1u);
  EXPECT_EQ(dataset.usable({kTrain}), std::vector<size_t>{0});
}

TEST_F(OpenDataset, ARefusalGroupsProblemsByKindWithACountAndExamples) {
  for (int i = 0; i < 9; ++i) files_.add_image("train/images/lonely" + std::to_string(i) + ".png", files_.noise());
  files_.add_file("train/images/b.png", "");
  const std::string text = refusal(ErrorKind::data);
  EXPECT_TRUE(contains(text, files_.dir() + ": 10 problems. To list all of them, run unet check-data"));
  EXPECT_TRUE(contains(text, title_of(FindingKind::orphan) + ": 9\n"));
  EXPECT_TRUE(contains(text, "lonely2.png"));
  EXPECT_TRUE(contains(text, "and 6 more"));
  EXPECT_TRUE(contains(text, "train/images/b.png"));
  EXPECT_FALSE(contains(text, "lonely3.png"));
  const std::string advice = "data.missing_mask: skip";
  const size_t first = text.find(advice);
  ASSERT_NE(first, std::string::npos);
  EXPECT_LT(first, text.find("lonely0.png")) << "before the list";
  EXPECT_EQ(text.find(advice, first + 1), std::string::npos) << "once:\n" << text;
}

TEST_F(OpenDataset, ConversionsOfColorsAreSaidOncePerColorModel) {
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_SEPARATED;
  for (const char* stem : {"b", "c"}) {
    files_.add_pair(stem);
    std::filesystem::remove(files_ / ("train/images/" + std::string(stem) + ".png"));
    files_.add_file("train/images/" + std::string(stem) + ".tif", tiff_file(files_.noise(64, 64, CV_8UC4), recipe));
  }
  const std::vector<std::string> decisions = open().decisions;
  const std::string line = "CMYK images converted to RGB: 2 (" + files_ / "train/images/b.tif";
  EXPECT_EQ(std::count_if(decisions.begin(), decisions.end(), [&](const auto& text) { return contains(text, line); }),
            1);
}

TEST_F(OpenDataset, ASingleProblemIsReportedByItsOwnMessage) {
  files_.add_file("train/images/b.png", "");
  EXPECT_EQ(refusal(ErrorKind::data).rfind(files_ / "train/images/b.png: ", 0), 0u);
}

TEST_F(OpenDataset, OptionsThatDoNotFitAreAConfigError) {
  options_.class_names = {"one", "two", "three"};
  EXPECT_TRUE(contains(refusal(ErrorKind::config), "[data.class_names] got 3 values"));
  files_.add_file("train/images/b.png", "");
  EXPECT_TRUE(contains(refusal(ErrorKind::data), "[data.class_names] got 3 values"));
}

}  // namespace
}  // namespace unet
