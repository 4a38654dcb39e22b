#include "app/training/training_data.h"

#include <gtest/gtest.h>

#include "configs/schema/tree.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

/// Two training images and one for validation, with two classes.
class AcceptDataset : public testing::Test {
 protected:
  AcceptDataset() {
    for (const char* stem : {"a", "b"}) files_.add_pair(stem);
    files_.add_pair("v", "val/");
  }

  std::vector<Finding> problems_with(const std::string& yaml) {
    const Locations locations = read_config(parse_yaml(yaml, "my.yaml"), config_);
    config_.data.dir = files_.dir();
    return accept_dataset(config_, locations, open_dataset(config_.data, {1}));
  }

  DataFiles files_;
  Config config_;
};

TEST_F(AcceptDataset, WithoutProblemsTheConfigIsResolved) {
  EXPECT_EQ(texts_of(problems_with("train: {epochs: 2}")), std::vector<std::string>{});
  EXPECT_EQ(config_.model.num_classes, 2);
  EXPECT_EQ(config_.data.size, (std::vector<int64_t>{64, 64}));
  EXPECT_EQ(config_.data.channels, 3);
}

TEST_F(AcceptDataset, OptionsOfTheLossAreAmongTheProblemsOfTheData) {
  files_.add_image("train/images/lonely.png", files_.noise());
  const auto problems = problems_with("loss: {terms: [{name: cross_entropy, class_weights: [1, 2, 3]}]}");
  ASSERT_EQ(problems.size(), 2u) << testing::PrintToString(texts_of(problems));
  EXPECT_EQ(problems[0].kind, FindingKind::orphan);
  EXPECT_EQ(problems[1].kind, FindingKind::options);
  EXPECT_TRUE(contains(problems[1].text, "class_weights: got 3 numbers, expected 2"));
}

TEST_F(AcceptDataset, AugmentationOfColorsThatTheImagesLackNamesItsPlace) {
  const auto problems = problems_with("augment:\n  hue: {probability: 0.5}\ndata: {channels: 1}\n");
  ASSERT_EQ(problems.size(), 1u) << testing::PrintToString(texts_of(problems));
  EXPECT_EQ(problems[0].kind, FindingKind::options);
  EXPECT_TRUE(contains(problems[0].text, "my.yaml:2:")) << problems[0].text;
  EXPECT_TRUE(contains(problems[0].text, "--set augment.hue.probability=0")) << problems[0].text;
}

TEST_F(AcceptDataset, OptionsOfTheModelNameTheirPlace) {
  const auto problems = problems_with("data:\n  size: [16, 16]\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_TRUE(contains(problems[0].text, "my.yaml:2:"));
  EXPECT_TRUE(contains(problems[0].text, "expected at least 32"));
}

TEST_F(AcceptDataset, ForcedForegroundNeedsCropsAndClasses) {
  const auto problems = problems_with("data:\n  forced_classes: [0, 2]\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].kind, FindingKind::options);
  EXPECT_TRUE(contains(problems[0].text, "my.yaml:2:"));
  EXPECT_TRUE(contains(problems[0].text, "data.forced_classes: got 2"));
  const std::string text =
      config_error([&] { problems_with("data:\n  size_policy: resize\n  forced_foreground: 0.3\n"); });
  EXPECT_TRUE(contains(text, "my.yaml:3:"));
  EXPECT_TRUE(contains(text, "data.size_policy"));
}

TEST_F(AcceptDataset, TheWeightsOfImagesArePartOfTheFingerprint) {
  config_.data.dir = files_.dir();
  Dataset dataset = open_dataset(config_.data, {1});
  const std::string uniform = data_fingerprint(dataset);
  dataset.samples[0].weight = 2.F;
  EXPECT_NE(data_fingerprint(dataset), uniform);
}

TEST_F(AcceptDataset, ATrainingIsRefusedForTheSameProblems) {
  const Locations locations =
      read_config(parse_yaml("loss: {terms: [{name: cross_entropy, class_weights: [1]}]}", "my.yaml"), config_);
  config_.data.dir = files_.dir();
  EXPECT_TRUE(contains(config_error([&] { prepare_data(config_, locations); }), "class_weights: got 1 numbers"));
}

}  // namespace
}  // namespace unet
