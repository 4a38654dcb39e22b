#include "data/dataset/open_dataset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/error_text.h"
#include "tests/support/scenes.h"

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

/// A data set without parts: 20 images of noise.
class DividedDataset : public testing::Test {
 protected:
  DividedDataset() {
    options_.dir = files_.dir();
    for (int i = 0; i < 20; ++i) files_.add_pair(concat("i", i), "");
  }

  Dataset open() const { return open_dataset(options_, {2}); }

  static std::vector<std::string> names(const Dataset& dataset, Part part) {
    std::vector<std::string> names;
    for (size_t i = 0; i < dataset.samples.size(); ++i)
      if (dataset.part(i) == part) names.push_back(dataset.samples[i].name);
    return names;
  }

  DataFiles files_;
  DataOptions options_;
};

TEST_F(DividedDataset, IsOrderedByPartThenByNameWithItsScan) {
  options_.test_fraction = 0.1;
  options_.bad_file = BadFilePolicy::skip;
  for (int i = 0; i < 20; ++i) {  // heights tell the samples apart
    files_.add_image(concat("images/i", i, ".png"), files_.noise(64 + i));
    files_.add_mask(concat("masks/i", i, ".png"), DataFiles::halves(0, 255, 64 + i));
  }
  files_.add_file("images/i7.png", "");
  const Dataset dataset = open();
  EXPECT_EQ(names(dataset, kVal).size(), 4u);
  EXPECT_EQ(names(dataset, kTest).size(), 2u);
  for (size_t i = 0; i < dataset.samples.size(); ++i) {
    const std::string& name = dataset.samples[i].name;
    if (i > 0 && dataset.part(i) == dataset.part(i - 1)) {
      EXPECT_LT(dataset.samples[i - 1].name, name);
    } else if (i > 0) {
      EXPECT_LT(dataset.part(i - 1), dataset.part(i));
    }
    EXPECT_EQ(dataset.scan.usable[i], name != "i7");
    if (name == "i7") continue;
    EXPECT_EQ(dataset.scan.sizes[i].height, 64 + std::stoi(name.substr(1))) << name;
    EXPECT_GT(dataset.scan.fingerprints[i].aspect, 0) << name;
  }
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_EQ(dataset.samples.at(dataset.notes[0].sample.value()).name, "i7");
}

TEST_F(DividedDataset, ResolvesHowItIsDividedAndIsDividedSoAgain) {
  for (const char* stem : {"i3", "i12"}) files_.add_mask(concat("masks/", stem, ".png"), DataFiles::halves(255, 128));
  const Dataset first = open();
  EXPECT_EQ(first.options.split_by, SplitBy::rank);
  EXPECT_TRUE(contains(first.rule, "by rank of a hash of the name"));
  for (const Part part : {kTrain, kVal}) {
    const std::vector<std::string> found = names(first, part);
    EXPECT_EQ(std::count(found.begin(), found.end(), "i3") + std::count(found.begin(), found.end(), "i12"), 1)
        << "each part has one image of the rare class";
  }
  options_ = first.options;
  const Dataset again = open();
  EXPECT_EQ(names(again, kVal), names(first, kVal)) << "also with resolved labels, as when a run is resumed";
}

TEST_F(DividedDataset, NearDuplicatesStayInOnePart) {
  const std::vector<std::string> frames{"i0", "i1", "i2", "i3"};
  for (size_t i = 0; i < frames.size(); ++i)
    files_.add_image("images/" + frames[i] + ".png", blob_scene(1) + static_cast<double>(i));
  for (const std::string& stem : frames) files_.add_mask("masks/" + stem + ".png", DataFiles::halves(0, 255, 96, 96));
  const Dataset dataset = open();
  for (const Part part : {kTrain, kVal}) {
    const std::vector<std::string> found = names(dataset, part);
    const auto frames_in = std::count_if(frames.begin(), frames.end(), [&](const std::string& frame) {
      return std::find(found.begin(), found.end(), frame) != found.end();
    });
    EXPECT_TRUE(frames_in == 0 || frames_in == 4) << frames_in;
  }
  EXPECT_EQ(names(dataset, kVal).size(), 4u);
  EXPECT_TRUE(
      contains(join(dataset.decisions), "4 images with near duplicates among them are kept together in 1 group"));
}

TEST_F(DividedDataset, ByNameNothingButTheNamesCounts) {
  options_.split_by = SplitBy::name;
  const std::vector<std::string> before = names(open(), kVal);
  for (int i = 0; i < 20; ++i) files_.add_image(concat("images/i", i, ".png"), blob_scene(1, 64, 64));
  EXPECT_EQ(names(open(), kVal), before);
  EXPECT_EQ(open().options.split_by, SplitBy::name);
}

}  // namespace
}  // namespace unet
