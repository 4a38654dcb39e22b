#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "data/images/image_io.h"
#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

class FindLr : public TrainedRun {
 protected:
  static std::vector<std::string> command(const std::string& out) {
    return add_arguments({"train", "--data", data(), "--find-lr", "--out", out}, tiny_settings());
  }
};

TEST_F(FindLr, ProposesASettingThatTrainingAccepts) {
  const std::string out = in_folder("found");
  const Outcome outcome = run_unet(command(out));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(file_text(out + "/lr-finder.json"));
  const double proposed = json["proposed_lr"];
  EXPECT_GT(proposed, 1e-5);
  EXPECT_LT(proposed, 1);
  EXPECT_EQ(json["lr"].size(), json["loss"].size());
  EXPECT_EQ(json["lr"].size(), json["smoothed"].size());
  const cv::Mat picture = read_image(out + "/lr-finder.png").pixels;
  EXPECT_EQ(picture.size(), cv::Size(960, 600));

  ASSERT_EQ(outcome.out.rfind("train.lr=", 0), 0u) << outcome.out;
  EXPECT_EQ(std::stod(outcome.out.substr(9)), proposed);
  const std::string setting = outcome.out.substr(0, outcome.out.size() - 1);
  EXPECT_TRUE(contains(outcome.err, "unet train --data " + data() + " --set 'data.size=[32, 32]'"));
  EXPECT_TRUE(contains(outcome.err, "--set " + setting));
  const Outcome trained = run_unet(add_arguments(
      {"train", "--data", data(), "--out", in_folder("after"), "--set", setting, "--set", "train.epochs=1"},
      tiny_settings()));
  EXPECT_EQ(trained.code, 0) << trained.err;
}

TEST_F(FindLr, ChangesNoRunAndOverwritesNothing) {
  const std::string last = run() + "/checkpoints/last.safetensors", before = file_text(last);
  const Outcome refused = run_unet(command(run()));
  EXPECT_EQ(refused.code, 73);
  EXPECT_TRUE(contains(refused.err, run() + ": already exists and is not empty"));
  const Outcome outcome = run_unet(add_arguments(command(in_folder("from")), {"--init", run()}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "unmatched tensors: none"));
  EXPECT_TRUE(file_text(last) == before);
  EXPECT_FALSE(fs::exists(run() + "/lr-finder.png"));
}

TEST_F(FindLr, CtrlCStopsItAndLeavesNothing) {
  const std::string out = in_folder("stopped"), log = in_folder("stopped.log");
  const Outcome outcome =
      run_shell("{ " + shell_command(command(out)) + " 2>" + log + " & }; pid=$!; until grep -q 'range test' " + log +
                "; do sleep 0.01; done; kill -INT $pid; wait $pid");
  EXPECT_EQ(outcome.code, 75) << file_text(log);
  EXPECT_TRUE(contains(file_text(log), "nothing was written"));
  EXPECT_FALSE(fs::exists(out));
  EXPECT_EQ(outcome.out, "");
}

TEST_F(FindLr, CannotBeCombinedWithResume) {
  EXPECT_EQ(run_unet({"train", "--find-lr", "--resume", "--out", run()}).code, 2);
}

}  // namespace
}  // namespace unet
