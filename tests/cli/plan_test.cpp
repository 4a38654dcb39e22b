// Plans of real data sets, and trainings without a config.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"

namespace unet {
namespace {

class PlanCli : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TempFolder>();
    ASSERT_EQ(run_unet({"synth", "--out", data(), "--count", "16", "--size", "64"}).code, 0);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::string data() { return *folder_ / "data"; }
  static std::string in_folder(const std::string& name) { return *folder_ / name; }
  static nlohmann::json record(const std::string& run) {
    return nlohmann::json::parse(file_text(run + "/plan.json"), nullptr, false);
  }

 private:
  static inline std::unique_ptr<TempFolder> folder_;
};

TEST_F(PlanCli, WritesAConfigThatTrainingAccepts) {
  const std::string config = in_folder("plan.yaml");
  const Outcome plan = run_unet({"plan", data(), "--time", "1m", "--out", config});
  ASSERT_EQ(plan.code, 0) << plan.err;
  EXPECT_TRUE(contains(plan.out, "model.base_channels"));
  EXPECT_TRUE(contains(plan.err, "unet train " + config + " --data " + data()));
  EXPECT_TRUE(contains(file_text(config), "time_budget: 1m"));
  EXPECT_EQ(run_unet({"inspect", config}).code, 0);
  EXPECT_EQ(run_unet({"check-data", config, "--data", data()}).code, 0);
  const Outcome again = run_unet({"plan", data(), "--time", "1m", "--out", config});
  EXPECT_EQ(again.code, 73) << "not overwritten";
  const Outcome trained =
      run_unet({"train", config, "--data", data(), "--out", in_folder("from-config"), "--set", "train.time_budget=off",
                "--set", "train.validation_share=0", "--set", "train.epochs=1", "--set", "data.samples_per_image=1"});
  EXPECT_EQ(trained.code, 0) << trained.err;
  EXPECT_FALSE(contains(trained.err, "planning")) << "a config is not planned again";
}

TEST_F(PlanCli, PrintsOneJsonDocument) {
  const Outcome plan = run_unet({"plan", data(), "--time", "20s", "--memory", "3G", "--json", "--set", "train.lr=0.5"});
  ASSERT_EQ(plan.code, 0) << plan.err;
  const auto json = nlohmann::json::parse(plan.out);
  EXPECT_EQ(json["machine"]["memory_bytes"], int64_t{3} << 30);
  EXPECT_EQ(json["forecast"]["seconds"], 20);
  EXPECT_GT(json["forecast"]["steps"], 0);
  EXPECT_GT(json["forecast"]["memory_bytes"], 1 << 26);
  EXPECT_LE(json["forecast"]["memory_bytes"], int64_t{3} << 30);
  for (const auto& choice : json["choices"]) EXPECT_NE(choice["option"], "train.lr") << "the user's";
}

TEST_F(PlanCli, MeasuresAMachineOnce) {
  const TempFolder cache;
  const auto measured = [&] {
    const Outcome plan = run_shell("XDG_CACHE_HOME=" + shell_quoted(cache.path()) + " " +
                                   shell_command({"plan", data(), "--time", "10s", "--json"}));
    EXPECT_EQ(plan.code, 0) << plan.err;
    return nlohmann::json::parse(plan.out)["machine"]["speeds"];
  };
  const auto first = measured();
  const auto kept = nlohmann::json::parse(file_text(cache / "unet/speeds.json"), nullptr, false);
  if (!kept.is_object() || kept.size() < first.size()) GTEST_SKIP() << "another load disturbed the measurement";
  const auto second = measured();
  for (const auto& speed : first) EXPECT_NE(std::find(second.begin(), second.end(), speed), second.end()) << speed;
}

TEST_F(PlanCli, ATrainingWithATimeRecordsForecastAndTruth) {
  const std::string run = in_folder("timed");
  const Outcome outcome = run_unet({"train", "--data", data(), "--out", run, "--time", "4s"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "planning a training of 4s"));
  EXPECT_TRUE(contains(outcome.err, "forecast and truth"));
  EXPECT_TRUE(contains(file_text(run + "/config.yaml"), "time_budget: 4s"));
  const auto plan = record(run);
  EXPECT_EQ(plan["forecast"]["seconds"], 4);
  EXPECT_GT(plan["truth"]["steps"], 0);
  EXPECT_GT(plan["truth"]["seconds"], 0);
  EXPECT_GT(plan["truth"]["memory_bytes"], 1 << 26);
  const Outcome resumed = run_unet({"train", "--resume", "--out", run});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_FALSE(contains(resumed.err, "planning")) << "the plan is in config.yaml";
}

TEST_F(PlanCli, EpochsOfTheUserDecideTheLength) {
  const std::string run = in_folder("epochs");
  const Outcome outcome =
      run_unet(add_arguments({"train", "--data", data(), "--out", run, "--set", "train.epochs=2"}, tiny_settings()));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string config = file_text(run + "/config.yaml");
  EXPECT_TRUE(contains(config, "time_budget: off"));
  EXPECT_TRUE(contains(config, "base_channels: 4 ")) << "the user's";
  EXPECT_TRUE(contains(config, "lr: 0.002 ")) << "planned";
  const auto plan = record(run);
  EXPECT_TRUE(plan["forecast"]["seconds"].is_null());
  EXPECT_EQ(plan["forecast"]["steps"], plan["truth"]["steps"]);
}

TEST_F(PlanCli, AConfigWithATimeIsPlannedKeyByKey) {
  const std::string config = in_folder("mine.yaml"), run = in_folder("mine");
  std::ofstream(config) << "model: {base_channels: 4}\ntrain: {epochs: 1, lr: 0.25}\ndata: {size: [32, 32]}\n";
  const Outcome outcome = run_unet({"train", config, "--data", data(), "--out", run, "--time", "3s"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string written = file_text(run + "/config.yaml");
  EXPECT_TRUE(contains(written, "base_channels: 4 "));
  EXPECT_TRUE(contains(written, "lr: 0.25 "));
  EXPECT_TRUE(contains(written, "time_budget: 3s"));
  EXPECT_FALSE(contains(written, "ema_decay: 0 ")) << "planned";
}

TEST_F(PlanCli, PresetsAreNotPlanned) {
  const Outcome outcome = run_unet(add_arguments(
      {"train", "fast", "--data", data(), "--out", in_folder("preset"), "--set", "train.epochs=1"}, tiny_settings()));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_FALSE(contains(outcome.err, "planning"));
  EXPECT_FALSE(std::filesystem::exists(in_folder("preset") + "/plan.json"));
}

TEST_F(PlanCli, RefusesBadArguments) {
  EXPECT_EQ(run_unet({"plan", data(), "--time", "soon"}).code, 2);
  EXPECT_EQ(run_unet({"plan", data(), "--memory", "much"}).code, 2);
  EXPECT_EQ(run_unet({"plan", data(), "--time", "1m", "--set", "train.time_budget=2m"}).code, 2);
  EXPECT_EQ(run_unet({"plan", in_folder("absent")}).code, 66);
  DataFiles files;
  files.add_pair("a");
  files.add_image("train/images/lonely.png", files.noise());
  const Outcome refused = run_unet({"plan", files.dir(), "--time", "10s"});
  EXPECT_EQ(refused.code, 65);
  EXPECT_TRUE(contains(refused.err, "lonely"));
}

}  // namespace
}  // namespace unet
