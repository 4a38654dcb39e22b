#include "data/dataset/layouts/layout.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "data/check/data_check.h"
#include "data/dataset/open_dataset.h"
#include "data/samples/training_set.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

std::string manifest_path(const DataOptions& options) { return options.dir + "/manifest.txt"; }

/// A layout that reads names, paths, groups and parts from a text file, one sample per line.
const DatasetLayout kTextList{
    "manifest", [](const DataOptions&) { return std::string("manifest.txt"); },
    [](const DataOptions& options) { return fs::exists(manifest_path(options)); },
    [](const DataOptions& options) {
      SampleList list;
      std::istringstream lines(read_file(manifest_path(options)));
      std::string name, image, mask, group, part;
      while (lines >> name >> image >> mask >> group >> part) {
        SampleRef sample{name, ImageFile(options.dir + "/" + image), MaskFile(options.dir + "/" + mask), group};
        for (const Part candidate : {kTrain, kVal, kTest})
          if (part == kPartNames[candidate]) sample.part = candidate;
        if (sample.part) list.parts = {kTrain, kVal, kTest};
        list.samples.push_back(sample);
      }
      list.rule = "by manifest";
      return list;
    }};

class NewLayout : public testing::Test {
 protected:
  NewLayout() { options_.dir = files_.dir(); }

  /// Adds an image and a mask with unrelated names.
  void add(int number, const std::string& group, const std::string& part) {
    const std::string image = "scan" + std::to_string(number) + ".png", mask = "truth" + std::to_string(99 - number);
    files_.add_image(image, files_.noise(32, 32));
    files_.add_mask(mask + ".tif", DataFiles::halves(0, 255, 32, 32));
    manifest_ += "n" + std::to_string(number) + " " + image + " " + mask + ".tif " + group + " " + part + "\n";
    files_.add_file("manifest.txt", manifest_);
  }

  DataFiles files_;
  DataOptions options_;
  std::string manifest_;
  std::vector<DatasetLayout> layouts_{kTextList};
};

TEST_F(NewLayout, WorksInSplitScanCheckAndTraining) {
  add(1, "a", "train");
  add(2, "a", "test");
  add(3, "b", "val");
  const Dataset dataset = open_dataset(options_, {2}, layouts_);
  EXPECT_EQ(texts_of(dataset.problems), std::vector<std::string>{});
  EXPECT_EQ(dataset.rule, "by manifest");
  ASSERT_EQ(dataset.samples.size(), 3u);
  EXPECT_EQ(dataset.samples[1].name, "n3");
  EXPECT_EQ(dataset.part(1), kVal);
  EXPECT_EQ(dataset.options.labels, (LabelClasses{{0, 0}, {255, 1}}));
  EXPECT_EQ(check_data(dataset).masks.classes[1].pixels, (PartCounts{512, 512, 512}));
  const AugmentOptions augment;
  DataOptions resolved = dataset.options;
  resolved.size = {16, 16};
  const TrainingSet set({dataset.samples[0]}, resolved, augment, 1);
  EXPECT_EQ(set.batch(0, {0}, {0}).names, std::vector<std::string>{files_ / "scan1.png"});
}

TEST_F(NewLayout, MayGroupSamplesWithoutNamingParts) {
  for (int i = 0; i < 40; ++i) add(i, "patient" + std::to_string(i / 4), "-");
  const Split split = find_samples(options_, layouts_);
  EXPECT_FALSE(split.divided);
  EXPECT_FALSE(split.val.empty());
  for (const SampleRef& val : split.val)
    for (const SampleRef& train : split.train) EXPECT_NE(val.group, train.group);
}

TEST_F(NewLayout, ProblemsNameItsFiles) {
  add(1, "a", "train");
  add(2, "a", "train");
  files_.add_file("truth98.tif", "");
  const Dataset dataset = open_dataset(options_, {1}, layouts_);
  ASSERT_EQ(dataset.problems.size(), 1u);
  EXPECT_EQ(dataset.problems[0].file, files_ / "truth98.tif");
  EXPECT_EQ(dataset.problems[0].sample, 0u);
}

TEST(DatasetLayouts, TheFirstMatchIsUsed) {
  DataFiles files;
  files.add_pair("a", "train/");
  files.add_pair("b", "");
  DataOptions options;
  options.dir = files.dir();
  EXPECT_EQ(list_samples(options).rule, "by folder: train/");
  options.split = SplitMode::fraction;
  const SampleList list = list_samples(options);
  ASSERT_EQ(list.samples.size(), 1u);
  EXPECT_EQ(list.samples[0].name, "b");
  EXPECT_TRUE(list.parts.empty());
}

TEST(DatasetLayouts, AnUnknownFolderIsRefusedWithWhatEachLayoutExpects) {
  const DataFiles files;
  DataOptions options;
  options.dir = files.dir();
  const std::string refusal = error_text(ErrorKind::missing_input, [&] { list_samples(options); });
  for (const DatasetLayout& layout : dataset_layouts()) {
    EXPECT_FALSE(layout.matches(options));
    EXPECT_TRUE(contains(refusal, "\n  " + layout.expects(options))) << refusal;
  }
}

}  // namespace
}  // namespace unet
