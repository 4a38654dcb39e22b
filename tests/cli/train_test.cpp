#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <sstream>

#include "data/images/image_io.h"
#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

std::vector<nlohmann::json> validations(const std::string& run) {
  std::vector<nlohmann::json> lines;
  std::istringstream stream(file_text(run + "/metrics.jsonl"));
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(nlohmann::json::parse(line));
    if (lines.back()["type"] != "validation") lines.pop_back();
  }
  return lines;
}

class Train : public TrainedRun {};

TEST_F(Train, LeavesACompleteRunFolder) {
  for (const char* name :
       {"config.yaml", "environment.json", "train.log", "metrics.jsonl", "metrics.csv", "checkpoints/last.safetensors",
        "checkpoints/previous.safetensors", "checkpoints/best.safetensors"})
    EXPECT_TRUE(fs::exists(run() + "/" + name)) << name;
  EXPECT_TRUE(contains(file_text(run() + "/config.yaml"), "labels: {0: 0, 85: 1, 170: 2, 255: 3}"));
  EXPECT_EQ(validations(run()).size(), 3u);
  const std::string csv = file_text(run() + "/metrics.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);
  size_t sheets = 0;
  for (const auto& entry : fs::directory_iterator(run() + "/samples"))
    sheets += read_image(entry.path().string()).pixels.cols > 100 ? 1 : 0;
  EXPECT_EQ(sheets, 3u);
  for (const auto& entry : fs::recursive_directory_iterator(run()))
    EXPECT_NE(entry.path().filename().string().rfind(".tmp", 0), 0u) << entry.path();
}

TEST_F(Train, TheTemperatureIsRecordedAndSaid) {
  for (const auto& line : validations(run())) EXPECT_GT(line["calibration"]["temperature"], 0);
  EXPECT_TRUE(contains(file_text(run() + "/train.log"), "temperature "));
  EXPECT_TRUE(contains(file_text(run() + "/train.log"), "(expected calibration error "));
}

TEST_F(Train, ADistanceSelectsTheBestCheckpointAndMetricsAreInTheRecords) {
  const std::string out = in_folder("by-distance");
  const Outcome outcome =
      run_unet(add_arguments({"train", "--data", data(), "--out", out, "--set", "train.epochs=2", "--set",
                              "train.best_by=mean_foreground_hausdorff_95", "--set", "train.metrics=[instance_ap]"},
                             tiny_settings()));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "best mean_foreground_hausdorff_95 ")) << outcome.err;
  const std::string csv = file_text(out + "/metrics.csv");
  for (const char* name : {"mean_foreground_hausdorff_95", "mean_instance_ap50"}) {
    EXPECT_TRUE(contains(csv, name)) << name;
    EXPECT_TRUE(validations(out).back().contains(name)) << name;
  }
  EXPECT_FALSE(contains(csv, "mean_boundary_f1"));
}

TEST_F(Train, EvaluateGivesTheScoresOfTheValidation) {
  const Outcome outcome = run_unet({"evaluate", run() + "/checkpoints/last.safetensors", "--data", data(), "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto scores = nlohmann::json::parse(outcome.out);
  const auto recorded = validations(run()).back();
  EXPECT_EQ(scores["mean_iou"], recorded["mean_iou"]);
  EXPECT_EQ(scores["classes"], recorded["classes"]);
  for (const char* key : {"name", "iou", "dice", "precision", "recall"})
    EXPECT_TRUE(scores["classes"][0].contains(key)) << key;
}

TEST_F(Train, EvaluatePrintsATable) {
  const Outcome outcome = run_unet({"evaluate", run(), "--data", data(), "--split", "test"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "best.safetensors, 3 images (test of "));
  EXPECT_TRUE(contains(outcome.out, "mean (foreground)"));
}

TEST_F(Train, AnExistingRunIsNotOverwritten) {
  const auto before = fs::last_write_time(run() + "/checkpoints/last.safetensors");
  const Outcome outcome = run_unet(add_arguments({"train", "--data", data(), "--out", run()}, tiny_settings()));
  EXPECT_EQ(outcome.code, 73);
  EXPECT_TRUE(contains(outcome.err, "already exists and is not empty. Add --resume"));
  EXPECT_EQ(fs::last_write_time(run() + "/checkpoints/last.safetensors"), before);
}

TEST_F(Train, ResumingAFinishedRunChangesNothing) {
  const std::string before = file_text(run() + "/checkpoints/last.safetensors");
  const Outcome outcome = run_unet({"train", "--resume", "--out", run()});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(file_text(run() + "/checkpoints/last.safetensors"), before);
}

TEST_F(Train, ARefusedResumeDoesNotChangeTheRecords) {
  const std::string copy = in_folder("records");
  fs::copy(run(), copy, fs::copy_options::recursive);
  std::ofstream(copy + "/metrics.jsonl", std::ios::app) << "{\"step\":999,\"type\":\"step\"}\n";
  std::ofstream(copy + "/train.log", std::ios::app) << "2026-01-01 00:00:00 info not in the checkpoint\n";
  const std::string metrics = file_text(copy + "/metrics.jsonl"), log = file_text(copy + "/train.log");
  EXPECT_EQ(run_unet({"train", "--resume", "--out", copy, "--set", "train.lr=0.5"}).code, 78);
  EXPECT_EQ(file_text(copy + "/metrics.jsonl"), metrics);
  EXPECT_EQ(file_text(copy + "/train.log"), log);
  EXPECT_EQ(run_unet({"train", "--resume", "--out", copy}).code, 0);
  EXPECT_FALSE(contains(file_text(copy + "/metrics.jsonl"), "\"step\":999"));
  EXPECT_FALSE(contains(file_text(copy + "/train.log"), "not in the checkpoint"));
}

TEST_F(Train, ResumeRefusesOtherOptionsAndNamesThem) {
  const Outcome outcome =
      run_unet({"train", "--resume", "--out", run(), "--set", "train.lr=0.5", "--set", "data.num_workers=1"});
  EXPECT_EQ(outcome.code, 78);
  EXPECT_TRUE(contains(outcome.err, "train.lr: 0.002 -> 0.5"));
  EXPECT_FALSE(contains(outcome.err, "data.num_workers:"));
}

TEST_F(Train, ResumeWithMoreEpochsContinues) {
  const std::string copy = in_folder("longer");
  fs::copy(run(), copy, fs::copy_options::recursive);
  const Outcome outcome = run_unet({"train", "--resume", "--out", copy, "--set", "train.epochs=5"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(validations(copy).size(), 5u);
}

TEST_F(Train, ResumeRefusesOtherData) {
  const std::string changed = in_folder("changed");
  fs::copy(data(), changed, fs::copy_options::recursive);
  const auto victim = fs::directory_iterator(changed + "/train/images")->path().filename();
  fs::remove(fs::path(changed) / "train/images" / victim);
  fs::remove(fs::path(changed) / "train/masks" / victim);
  const Outcome outcome = run_unet({"train", "--resume", "--out", run(), "--data", changed});
  EXPECT_EQ(outcome.code, 65) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "has changed since the run was started"));
}

TEST_F(Train, InitStartsFromOtherWeights) {
  const Outcome outcome = run_unet(add_arguments({"train", "--data", data(), "--out", in_folder("from"), "--init",
                                                  run(), "--set", "train.epochs=1", "--set", "model.num_classes=6"},
                                                 tiny_settings()));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "unmatched tensors: head.bias, head.weight"));
}

TEST_F(Train, CtrlCSavesAndTheResumedRunEqualsTheUninterruptedOne) {
  const auto arguments = [&](const std::string& out) {
    return shell_command(
        add_arguments({"train", "--data", data(), "--out", out, "--set", "train.epochs=25"}, tiny_settings()));
  };
  const std::string whole = in_folder("whole");
  const std::string stopped = in_folder("stopped");
  ASSERT_EQ(run_shell(arguments(whole)).code, 0);
  // The signal is sent once the record of the third step is written.
  const Outcome outcome =
      run_shell(arguments(stopped) + " & pid=$!; until [ \"$(grep -c step " + stopped +
                "/metrics.jsonl 2>/dev/null)\" -ge 3 ] 2>/dev/null; do sleep 0.01; done; kill -INT $pid; wait $pid");
  EXPECT_EQ(outcome.code, 75) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "To resume: unet train --resume --out " + stopped));
  const Outcome resumed = run_unet({"train", "--resume", "--out", stopped});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  for (const char* name : {"last", "best"}) {
    const std::string file = std::string("/checkpoints/") + name + ".safetensors";
    EXPECT_TRUE(file_text(stopped + file) == file_text(whole + file)) << name;
  }
  EXPECT_EQ(validations(stopped).size(), validations(whole).size());
}

TEST(TrainData, AMissingFolderExitsWith66) {
  const TempFolder folder;
  const Outcome outcome = run_unet({"train", "--data", folder / "none", "--out", folder / "run"});
  EXPECT_EQ(outcome.code, 66);
  EXPECT_TRUE(contains(outcome.err, folder / "none"));
}

TEST(TrainData, AllProblemsAreListedInOnePass) {
  const TempFolder folder;
  const std::string data = folder / "data";
  fs::create_directories(data + "/images");
  fs::create_directories(data + "/masks");
  const cv::Mat image(40, 40, CV_8UC3, cv::Scalar(1, 2, 3));
  const cv::Mat mask = cv::Mat::eye(40, 40, CV_8UC1);
  for (const char* name : {"good1", "good2", "orphan", "size", "cut", "rgb", "twice"})
    write_image(data + "/images/" + name + ".png", image);
  for (const char* name : {"good1", "good2", "cut", "twice", "lonely"})
    write_image(data + "/masks/" + name + ".png", mask);
  write_image(data + "/images/twice.bmp", image);
  write_image(data + "/masks/size.png", cv::Mat::eye(40, 41, CV_8UC1));
  write_image(data + "/masks/rgb.png", image);
  const std::string whole = file_text(data + "/images/cut.png");
  std::ofstream(data + "/images/cut.png", std::ios::binary) << whole.substr(0, whole.size() - 20);
  const Outcome outcome = run_unet({"train", "--data", data, "--out", folder / "run"});
  EXPECT_EQ(outcome.code, 65) << outcome.err;
  for (const char* name : {"orphan", "size", "cut", "rgb", "twice", "lonely"}) EXPECT_TRUE(contains(outcome.err, name));
  EXPECT_FALSE(contains(outcome.err, "good1"));
}

TEST(TrainData, UnknownMaskValuesAreRefusedWithFileValueAndCount) {
  const TempFolder folder;
  const std::string data = folder / "data";
  fs::create_directories(data + "/images");
  fs::create_directories(data + "/masks");
  for (int i = 0; i < 4; ++i) {
    write_image(data + "/images/" + std::to_string(i) + ".png", cv::Mat(40, 40, CV_8UC1, cv::Scalar(7)));
    cv::Mat mask = cv::Mat::eye(40, 40, CV_8UC1) * 255;
    if (i == 2) mask.row(5).setTo(77);
    write_image(data + "/masks/" + std::to_string(i) + ".png", mask);
  }
  const Outcome outcome =
      run_unet({"train", "--data", data, "--out", folder / "run", "--set", "data.labels={0: 0, 255: 1}"});
  EXPECT_EQ(outcome.code, 65) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "2.png"));
  EXPECT_TRUE(contains(outcome.err, "77"));
  EXPECT_TRUE(contains(outcome.err, "40 pixels"));
}

TEST(TrainData, OneLogitTrainsTwoClasses) {
  const TempFolder folder;
  ASSERT_EQ(run_unet({"synth", "--out", folder / "data", "--count", "16", "--size", "32", "--classes", "2"}).code, 0);
  const Outcome outcome = run_unet(add_arguments({"train", "--data", folder / "data", "--out", folder / "run", "--set",
                                                  "train.epochs=2", "--set", "model.num_classes=1"},
                                                 tiny_settings()));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const Outcome scores = run_unet({"evaluate", folder / "run", "--data", folder / "data", "--json"});
  EXPECT_EQ(nlohmann::json::parse(scores.out)["classes"].size(), 2u) << scores.err;
}

}  // namespace
}  // namespace unet
