// `unet train --finish` and `--time`.

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/run_record.h"
#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// A run of 15 steps, with a constant learning rate, in a copy of its own for each test.
class LengthenedRun : public TrainedRun {
 protected:
  void SetUp() override {
    run_ = in_folder("copy");
    fs::remove_all(run_);
    const Outcome outcome =
        run_unet(add_arguments({"train", "--data", data(), "--out", run_, "--set", "train.epochs=3", "--set",
                                "train.schedule=constant", "--set", "train.warmup_steps=0"},
                               tiny_settings()));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    ASSERT_EQ(step(), kSteps);
  }

  int64_t step() const { return recorded_step(run_); }

  /// Learning rates of the recorded steps.
  std::vector<double> learning_rates() const {
    std::vector<double> rates;
    std::istringstream stream(file_text(run_ + "/metrics.jsonl"));
    for (std::string line; std::getline(stream, line);) {
      const auto record = nlohmann::json::parse(line);
      if (record["type"] == "step") rates.push_back(record["lr"]);
    }
    return rates;
  }

  static constexpr int64_t kSteps = 15;
  std::string run_;
};

TEST_F(LengthenedRun, FinishAnnealsTheLearningRateOnce) {
  const Outcome outcome = run_unet({"train", "--finish", run_, "--share", "0.4"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(step(), kSteps + 6);
  const auto rates = learning_rates();
  ASSERT_EQ(rates.size(), static_cast<size_t>(kSteps + 6));
  EXPECT_DOUBLE_EQ(rates[15], rates[14]);
  EXPECT_NEAR(rates[20], rates[14] / 6, 1e-12);
  const Outcome again = run_unet({"train", "--finish", run_});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_TRUE(contains(again.err, "nothing left to do")) << again.err;
  EXPECT_EQ(step(), kSteps + 6);
}

TEST_F(LengthenedRun, ALongerTimeIsRecordedInTheConfig) {
  const Outcome outcome = run_unet({"train", "--resume", "--out", run_, "--time", "+2s"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_GT(step(), kSteps);
  EXPECT_FALSE(contains(file_text(run_ + "/config.yaml"), "time_budget: off"));
  const int64_t steps = step();
  const Outcome again = run_unet({"train", "--resume", "--out", run_});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_TRUE(contains(again.err, "--time +")) << again.err;
  EXPECT_EQ(step(), steps);
}

TEST_F(LengthenedRun, TimesAndSharesThatFitNothingAreRefused) {
  const std::vector<std::string> train{"train", "--data", data(), "--out", in_folder("refused")};
  for (const std::vector<std::string>& more : {std::vector<std::string>{"--time", "+5m"},
                                               {"--time", "5"},
                                               {"--time", "1m", "--set", "train.time_budget=2m"},
                                               {"--share", "0.5"},
                                               {"--finish", run_}}) {
    const Outcome outcome = run_unet(add_arguments(train, more));
    EXPECT_EQ(outcome.code, 2) << join(more) << ": " << outcome.err;
  }
  EXPECT_FALSE(fs::exists(in_folder("refused")));
  EXPECT_EQ(run_unet({"train", "--finish", run_, "--share", "1.5"}).code, 2);
  EXPECT_EQ(step(), kSteps);
}

TEST_F(LengthenedRun, ANewRunTakesTheTimeAndValidatesAPartOfTheImages) {
  const std::string run = in_folder("timed");
  const Outcome outcome = run_unet(add_arguments(
      {"train", "--data", data(), "--out", run, "--time", "3s", "--set", "train.validate_images=1"}, tiny_settings()));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(file_text(run + "/config.yaml"), "time_budget: 3s"));
  EXPECT_TRUE(contains(file_text(run + "/metrics.jsonl"), "\"type\":\"comparison\""));
}

}  // namespace
}  // namespace unet
