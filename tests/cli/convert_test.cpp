// Runs `unet convert` as a user would.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/file_text.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

class ConvertProgram : public testing::Test {
 protected:
  ConvertProgram() {
    for (const char* stem : {"a", "b", "c"}) files_.add_pair(stem);
    files_.add_pair("v", "val/");
  }

  Outcome convert(const std::vector<std::string>& arguments) const {
    return run_unet(add_arguments({"convert", files_.dir(), "--out", out()}, arguments));
  }
  std::string out() const { return out_ / "new"; }

  DataFiles files_;
  TempFolder out_;
};

TEST_F(ConvertProgram, TheResultTrainsByItsConfigAndIsWhatTheSourceIs) {
  const Outcome outcome = convert({"--set", "data.class_names=[cell wall, cell]"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(contains(outcome.err, "converted: images: 4 copied unchanged"));
  EXPECT_TRUE(contains(outcome.err, "next:\n  unet train " + out() + "/config.yaml"));
  EXPECT_EQ(file_text(out() + "/train/images/a.png"), file_text(files_ / "train/images/a.png"));
  const Outcome trained = run_unet(add_arguments(
      {"train", out() + "/config.yaml", "--out", out_ / "run", "--set", "train.epochs=1"}, tiny_settings()));
  EXPECT_EQ(trained.code, 0) << trained.err;
  EXPECT_TRUE(contains(trained.err, "3 training, 1 validation, 0 test images"));
  EXPECT_TRUE(contains(file_text(out_ / "run/config.yaml"), "class_names: [\"cell wall\", cell]"));
}

TEST_F(ConvertProgram, EveryFormatIsReadAgain) {
  for (const char* format : {"folders", "coco", "labelme", "nnunet"}) {
    const Outcome outcome = convert({"--format", format, "--overwrite", "--threads", "2"});
    EXPECT_EQ(outcome.code, 0) << format << outcome.err;
    const Outcome checked = run_unet({"check-data", out()});
    EXPECT_EQ(checked.code, 0) << format << checked.err;
    EXPECT_TRUE(contains(checked.out, ": 4 images, no problems")) << format;
  }
}

TEST_F(ConvertProgram, ARefusedConversionLeavesNothingAndChangesNothing) {
  EXPECT_EQ(convert({"--format", "voc"}).code, 2);
  EXPECT_EQ(convert({"--set", "train.lr=1"}).code, 2);
  EXPECT_EQ(convert({"--set", "data.masks=none"}).code, 66);
  EXPECT_EQ(run_unet({"convert", files_ / "none", "--out", out()}).code, 66);
  EXPECT_EQ(run_unet({"convert", files_.dir(), "--out", files_ / "new"}).code, 73);
  files_.add_file("train/images/b.png", "damaged");
  EXPECT_EQ(convert({}).code, 65);
  EXPECT_TRUE(fs::is_empty(out_.path()));
  EXPECT_EQ(convert({"--set", "data.bad_file=skip"}).code, 0);
  const Outcome again = convert({"--set", "data.bad_file=skip"});
  EXPECT_EQ(again.code, 73);
  EXPECT_TRUE(contains(again.err, "Add --overwrite to replace it"));
  EXPECT_EQ(convert({"--set", "data.bad_file=skip", "--overwrite"}).code, 0);
  files_.add_file("other/keep.txt", "mine");
  EXPECT_EQ(run_unet({"convert", files_ / "train", "--out", files_ / "other", "--overwrite"}).code, 73);
  EXPECT_EQ(file_text(files_ / "other/keep.txt"), "mine");
}

}  // namespace
}  // namespace unet
