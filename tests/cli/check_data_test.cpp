// Runs `unet check-data` as a user would.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/html_check.h"
#include "tests/support/program.h"

namespace unet {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Returns the kinds of findings in a list of the document.
std::vector<std::string> kinds(const json& findings) {
  std::vector<std::string> names;
  for (const json& finding : findings) names.push_back(finding["kind"]);
  return names;
}

class CheckDataCommand : public testing::Test {
 protected:
  CheckDataCommand() {
    for (const char* stem : {"a", "b", "c"}) files_.add_pair(stem);
    files_.add_pair("v", "val/");
  }

  Outcome check(std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.begin(), {"check-data", files_.dir()});
    return run_unet(arguments);
  }

  DataFiles files_;
  TempFolder out_;
};

TEST_F(CheckDataCommand, ACleanSetExitsWith0AndNamesTheNextCommand) {
  const Outcome outcome = check();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, ": 4 images, no problems, no warnings\n"));
  EXPECT_TRUE(contains(outcome.err, "next:\n  unet train --data " + files_.dir() + "\n"));
}

TEST_F(CheckDataCommand, TheSuggestedClassWeightsAreAccepted) {
  for (const char* stem : {"a", "b", "c"})
    files_.add_mask("train/masks/" + std::string(stem) + ".png", DataFiles::top_row(255));
  const std::string err = check().err;
  const size_t begin = err.find("--set 'loss.terms=");
  ASSERT_NE(begin, std::string::npos) << err;
  const std::string setting = err.substr(begin + 7, err.find('\'', begin + 7) - begin - 7);
  EXPECT_EQ(check({"--set", setting}).code, 0) << setting;
}

TEST_F(CheckDataCommand, TheSuggestedLinesAreAcceptedAsPasted) {
  for (const char* stem : {"a", "b", "c"})
    files_.add_mask("train/masks/" + std::string(stem) + ".png", DataFiles::top_row(255));
  const std::string out = check().out, heading = "Suggested, to paste into a config:\n";
  const size_t begin = out.find(heading);
  ASSERT_NE(begin, std::string::npos) << out;
  const std::string lines = out.substr(begin + heading.size(), out.find("\n\n", begin) + 1 - begin - heading.size());
  EXPECT_TRUE(contains(lines, "class_weights: auto"));
  write_bytes(out_ / "pasted.yaml", lines);
  const Outcome outcome = run_unet({"check-data", out_ / "pasted.yaml", "--data", files_.dir(), "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const json document = json::parse(outcome.out);
  EXPECT_EQ(document["size"], (json{64, 64}));
  EXPECT_EQ(document["suggested"]["config"], lines);
  EXPECT_GT(document["classes"][1]["objects"]["count"], 0);
}

TEST_F(CheckDataCommand, EqualAdviceIsGivenOnceAndSoInARefusedTraining) {
  for (const char* stem : {"a", "b", "c"})
    files_.add_mask("train/masks/" + std::string(stem) + ".png", DataFiles::halves(0, 255, 64, 63));
  const std::string advice = "nearest-neighbor";
  const std::string checked = check().out;
  const std::string refused = run_unet({"train", "--data", files_.dir(), "--out", out_ / "run"}).err;
  for (const std::string& text : {checked, refused}) {
    const size_t first = text.find(advice);
    ASSERT_NE(first, std::string::npos) << text;
    EXPECT_EQ(text.find(advice, first + 1), std::string::npos) << text;
    EXPECT_TRUE(contains(text, "train/masks/b.png: got a mask of 63x64"));
  }
}

TEST_F(CheckDataCommand, TrainingRefusesTheSameOptions) {
  const std::vector<std::string> bad{"--set", "loss.terms=[{name: cross_entropy, class_weights: [1]}]"};
  const std::string reason = "class_weights: got 1 numbers, expected 2";
  EXPECT_TRUE(contains(check(bad).out, reason));
  const Outcome trained = run_unet(add_arguments({"train", "--data", files_.dir(), "--out", out_ / "run"}, bad));
  EXPECT_EQ(trained.code, 78);
  EXPECT_TRUE(contains(trained.err, reason));
  EXPECT_FALSE(fs::exists(out_ / "run"));
}

TEST_F(CheckDataCommand, ProblemsExitWith65AndAreAllInTheJson) {
  files_.add_image("train/images/lonely.png", files_.noise());
  files_.add_image("train/images/a.bmp", files_.noise());
  files_.add_file("train/images/b.png", encode_image(".png", files_.noise()).substr(0, 200));
  files_.add_mask("train/masks/c.png", DataFiles::halves(0, 255, 32, 32));
  files_.add_mask("val/masks/v.png", DataFiles::halves(0, 7));
  const Outcome outcome = check({"--json", "--set", "data.labels={0: 0, 255: 1}"});
  EXPECT_EQ(outcome.code, 65);
  EXPECT_TRUE(contains(outcome.err, "error: " + files_.dir() + ": 5 problems"));
  EXPECT_TRUE(contains(outcome.err, "next, once these problems are fixed:\n  unet check-data " + files_.dir()));
  const json document = json::parse(outcome.out);
  EXPECT_EQ(kinds(document["problems"]),
            (std::vector<std::string>{"orphan", "duplicate_stem", "unreadable", "size_mismatch", "unknown_value"}));
  EXPECT_TRUE(contains(document["problems"][4]["text"], "7 (2048 pixels)"));
  EXPECT_EQ(check({"--set", "data.labels={0: 0, 255: 1}"}).code, 65);
}

TEST_F(CheckDataCommand, TrainingRefusesProblemsButNotWarnings) {
  files_.add_mask("train/masks/a.png", DataFiles::halves(255, 255));
  EXPECT_EQ(check().code, 0);
  const Outcome warned = run_unet(add_arguments(
      {"train", "--data", files_.dir(), "--out", out_ / "warned", "--set", "train.epochs=1"}, tiny_settings()));
  EXPECT_EQ(warned.code, 0) << warned.err;
  files_.add_image("train/images/lonely.png", files_.noise());
  EXPECT_EQ(check().code, 65);
  const Outcome trained = run_unet({"train", "--data", files_.dir(), "--out", out_ / "run"});
  EXPECT_EQ(trained.code, 65);
  EXPECT_TRUE(contains(trained.err, "train/images/lonely.png: no mask"));
}

TEST_F(CheckDataCommand, TrainingRefusesFaultsInTheTestPart) {
  files_.add_pair("t", "test/");
  files_.add_file("test/images/t.png", "");
  EXPECT_EQ(check().code, 65);
  const Outcome trained = run_unet({"train", "--data", files_.dir(), "--out", out_ / "run"});
  EXPECT_EQ(trained.code, 65);
  EXPECT_TRUE(contains(trained.err, "test/images/t.png"));
  EXPECT_EQ(check({"--set", "data.bad_file=skip"}).code, 0);
}

TEST_F(CheckDataCommand, WarningsExitWith0) {
  const cv::Mat twin = files_.noise();
  files_.add_image("train/images/a.png", twin);
  files_.add_image("val/images/v.png", twin);
  files_.add_mask("train/masks/b.png", DataFiles::halves(0, 0));
  files_.add_image("train/images/c.png", files_.noise(64, 64, CV_16UC1));
  const Outcome outcome = check({"--json", "--set", "data.labels={0: 0, 9: 1, 255: 2}"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(kinds(json::parse(outcome.out)["warnings"]),
            (std::vector<std::string>{"leak", "constant_mask", "absent_class", "mixed_channels", "mixed_depth"}));
}

TEST_F(CheckDataCommand, SkippedFilesAreNotesAsInTraining) {
  files_.add_image("train/images/lonely.png", files_.noise());
  files_.add_file("train/images/b.png", "");
  const Outcome outcome = check({"--json", "--set", "data.missing_mask=skip", "--set", "data.bad_file=skip"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(kinds(json::parse(outcome.out)["notes"]), (std::vector<std::string>{"orphan", "unreadable"}));
}

TEST_F(CheckDataCommand, PicturesAndReportAreWritten) {
  files_.add_mask("train/masks/b.png", DataFiles::halves(0, 0));
  const Outcome outcome = check({"--json", "--out", out_ / "check"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(file_text(out_ / "check/report.json"), outcome.out);
  const cv::Mat sheet = read_image(out_ / "check/contact-sheet-1.png").pixels;
  EXPECT_EQ(sheet.cols, 1256);
  EXPECT_GT(sheet.rows, 200);
  EXPECT_FALSE(fs::exists(out_ / "check/contact-sheet-2.png"));
  const std::string page = file_text(out_ / "check/report.html");
  EXPECT_EQ(html_fault(page), "");
  EXPECT_EQ(outside_reference(page), "");
  EXPECT_TRUE(contains(page, "unet train --data " + files_.dir()));
  EXPECT_TRUE(contains(page, "masks with a single class"));
  EXPECT_TRUE(contains(outcome.err, out_ / "check/report.html"));
}

TEST_F(CheckDataCommand, AnAugmentedImageIsDrawn) {
  files_.add_mask("train/masks/a.png", DataFiles::halves(0, 0));
  const std::vector<std::string> strong{"--augment", "--set", "augment.preset=strong", "--set",
                                        "augment.noise="
                                        "{probability: 1}"};
  const Outcome outcome = check(add_arguments({"--out", out_ / "first"}, strong));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, out_ / "first/augmented.png"));
  const cv::Mat sheet = read_image(out_ / "first/augmented.png").pixels;
  EXPECT_EQ(sheet.cols, 1256);
  EXPECT_GT(sheet.rows, 3 * 200);
  EXPECT_EQ(check(add_arguments({"--out", out_ / "b", "--augment-image", "b"}, strong)).code, 0);
  EXPECT_EQ(check(add_arguments({"--out", out_ / "c", "--augment-image", "c"}, strong)).code, 0);
  EXPECT_EQ(file_text(out_ / "b/augmented.png"), file_text(out_ / "first/augmented.png"))
      << "the first with foreground";
  EXPECT_NE(file_text(out_ / "c/augmented.png"), file_text(out_ / "first/augmented.png"));
  EXPECT_EQ(check({"--out", out_ / "b", "--overwrite"}).code, 0);
  EXPECT_FALSE(fs::exists(out_ / "b/augmented.png")) << "an old sheet is removed";
}

TEST_F(CheckDataCommand, AnAugmentedImageNeedsAFolderAndAnImage) {
  EXPECT_EQ(check({"--augment"}).code, 2);
  EXPECT_EQ(check({"--out", out_ / "check", "--augment-image", "b"}).code, 2) << "without --augment";
  const Outcome unknown = check({"--out", out_ / "check", "--augment", "--augment-image", "missing"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(contains(unknown.err, "--augment-image missing"));
}

TEST_F(CheckDataCommand, ThePageOfARefusedSetSaysWhatToDo) {
  files_.add_file("train/images/b.png", "");
  EXPECT_EQ(check({"--out", out_ / "check"}).code, 65);
  const std::string page = file_text(out_ / "check/report.html");
  EXPECT_EQ(html_fault(page), "");
  EXPECT_TRUE(contains(page, "Cannot be trained yet: 1 problem"));
  EXPECT_TRUE(contains(page, "unet check-data " + files_.dir()));
}

TEST_F(CheckDataCommand, ANonEmptyFolderIsRefusedBeforeTheDataAreRead) {
  write_bytes(out_ / "mine.txt", "mine");
  write_bytes(out_ / "contact-sheet-1.png", "old");
  write_bytes(out_ / "contact-sheet-2.png", "old");
  const Outcome refused = check({"--out", out_.path()});
  EXPECT_EQ(refused.code, 73);
  EXPECT_TRUE(contains(refused.err, "already exists and is not empty. Add --overwrite"));
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(check({"--out", out_ / "mine.txt"}).code, 73);
  EXPECT_EQ(check({"--out", out_.path(), "--overwrite"}).code, 0);
  EXPECT_EQ(file_text(out_ / "mine.txt"), "mine");
  EXPECT_GT(read_image(out_ / "contact-sheet-1.png").pixels.rows, 200);
  EXPECT_FALSE(fs::exists(out_ / "contact-sheet-2.png")) << "old sheets are removed";
}

TEST_F(CheckDataCommand, UsesAConfigAndItsDataFolder) {
  write_bytes(out_ / "mine.yaml", "data: {dir: " + files_.dir() + ", class_names: [sky, earth]}\n");
  const Outcome outcome = run_unet({"check-data", out_ / "mine.yaml"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "\nearth "));
  EXPECT_TRUE(contains(outcome.err, "  unet train " + out_ / "mine.yaml" + " --data " + files_.dir()));
  EXPECT_TRUE(contains(run_unet({"check-data", "wbc1", "--data", files_.dir()}).out, "cytoplasm (mask value 128)"));
}

TEST_F(CheckDataCommand, OptionsThatDoNotFitTheDataAreAProblem) {
  const Outcome outcome = check({"--json", "--set", "data.size=[16, 16]"});
  EXPECT_EQ(outcome.code, 65);
  EXPECT_EQ(kinds(json::parse(outcome.out)["problems"]), std::vector<std::string>{"options"});
  EXPECT_TRUE(contains(outcome.out, "expected at least 32, so that the deepest level has at least 2x2 pixels"));
  const Outcome weights = check({"--set", "loss.terms=[{name: cross_entropy, class_weights: [1]}]"});
  EXPECT_EQ(weights.code, 65);
  EXPECT_TRUE(contains(weights.out, "class_weights: got 1 numbers, expected 2"));
}

TEST_F(CheckDataCommand, MistakesOnTheCommandLineAreRefused) {
  const Outcome bad_key = check({"--set", "data.val_fractoin=0.3", "--out", out_ / "check"});
  EXPECT_EQ(bad_key.code, 78);
  EXPECT_TRUE(contains(bad_key.err, "Did you mean 'data.val_fraction'?"));
  EXPECT_FALSE(fs::exists(out_ / "check"));
  write_bytes(out_ / "bad.yaml", "data:\n  labels: many\n");
  const Outcome bad_file = run_unet({"check-data", out_ / "bad.yaml"});
  EXPECT_EQ(bad_file.code, 78);
  EXPECT_TRUE(contains(bad_file.err, "bad.yaml:2:11"));
  const Outcome no_target = run_unet({"check-data", "membrain"});
  EXPECT_EQ(no_target.code, 66);
  EXPECT_TRUE(contains(no_target.err, "'membrain' is neither a folder, a file nor a preset"));
  EXPECT_EQ(run_unet({"check-data", "membrane"}).code, 78) << "a preset names no folder";
  EXPECT_EQ(run_unet({"check-data", out_.path()}).code, 66) << "no images/ in it";
  EXPECT_EQ(check({"--data", files_.dir()}).code, 2) << "the folder is given twice";
  EXPECT_EQ(run_unet({"check-data"}).code, 2);
}

TEST_F(CheckDataCommand, AnInterruptStopsTheReading) {
  files_.add_image("train/images/large.png", files_.noise(1024, 1024));
  files_.add_mask("train/masks/large.png", DataFiles::halves(0, 255, 1024, 1024));
  for (int i = 0; i < 100; ++i)
    for (const std::string folder : {"train/images/", "train/masks/"})
      fs::create_hard_link(files_ / (folder + "large.png"), files_ / (folder + "large" + std::to_string(i) + ".png"));
  const std::string status = " /proc/$pid/status";
  const std::string catches = "grep -q '^Name:.unet$'" + status + " && grep -q '^SigCgt:.*[2367abef]$'" + status;
  const Outcome outcome = run_shell(shell_command({"check-data", files_.dir(), "--json"}) + " & pid=$!; until " +
                                    catches + "; do sleep 0.01; done; kill -INT $pid; wait $pid");
  EXPECT_EQ(outcome.code, 75) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(contains(outcome.err, "error: stopped after reading"));
}

std::string datasets() {
  const char* given = std::getenv("UNET_DATASETS");
  return given != nullptr ? given : std::string(UNET_SOURCE_DIR) + "/../shared/datasets";
}

TEST(CheckDataOnRealSets, FindsTheDuplicatesInWbc1) {
  const std::string dir = datasets() + "/wbc1";
  if (!fs::is_directory(dir)) GTEST_SKIP() << "no " << dir << ". Set UNET_DATASETS.";
  const Outcome outcome = run_unet({"check-data", dir, "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const json document = json::parse(outcome.out);
  ASSERT_EQ(document["problems"].size(), 0u);
  EXPECT_EQ(document["warnings"][0]["kind"], "duplicate_image");
  EXPECT_EQ(document["warnings"][0]["file"], dir + "/images/139.bmp");
  EXPECT_EQ(document["warnings"][0]["other"], dir + "/images/112.bmp");
  EXPECT_EQ(document["sizes"]["different"], 30);
}

TEST(CheckDataOnRealSets, SuggestsClassWeightsForCamvid) {
  const std::string dir = datasets() + "/camvid";
  if (!fs::is_directory(dir)) GTEST_SKIP() << "no " << dir << ". Set UNET_DATASETS.";
  const Outcome outcome = run_unet({"check-data", dir, "--json", "--set", "data.ignore_values=[11]"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const json document = json::parse(outcome.out);
  EXPECT_EQ(document["images"], (json{{"train", 367}, {"val", 101}, {"test", 0}}));
  EXPECT_EQ(document["classes"].size(), 11u);
  EXPECT_GT(document["ignored_share"], 0.01);
  EXPECT_EQ(document["suggested"]["use_class_weights"], true);
}

}  // namespace
}  // namespace unet
