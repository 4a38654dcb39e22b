#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

class Environment : public TrainedRun {
 protected:
  static std::string copy_of_run(const std::string& name) {
    fs::copy(run(), in_folder(name), fs::copy_options::recursive);
    return in_folder(name);
  }
  static nlohmann::json starts_of(const std::string& run) {
    return nlohmann::json::parse(file_text(run + "/environment.json"), nullptr, false).at("starts");
  }
};

TEST_F(Environment, EachStartOfARunIsRecorded) {
  const std::string resumed = copy_of_run("resumed");
  const Outcome outcome =
      run_shell("OMP_NUM_THREADS=1 " + shell_command({"train", "--resume", "--out", resumed, "--set", "train.epochs=4",
                                                      "--set", "train.checkpoint_activations=true"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto starts = starts_of(resumed);
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts[0].at("step"), 0);
  EXPECT_EQ(starts[1].at("step"), 15) << "3 epochs of 5 steps";
  EXPECT_EQ(starts[1].at("threads"), 1);
  EXPECT_EQ(starts[1].at("variables").at("OMP_NUM_THREADS"), "1");
  EXPECT_EQ(starts[1].at("program"), starts[0].at("program"));
}

TEST_F(Environment, ADamagedFileDoesNotPreventResuming) {
  const std::string damaged = copy_of_run("damaged");
  std::ofstream(damaged + "/environment.json") << "{\"starts\": [{\"st";
  const Outcome outcome = run_unet({"train", "--resume", "--out", damaged});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(starts_of(damaged).size(), 1u);
}

TEST_F(Environment, TrainingInFp16IsRefusedOnACpuAtItsLine) {
  const std::string config = in_folder("half.yaml");
  std::ofstream(config) << "train:\n  precision: fp16\n";
  const Outcome outcome = run_unet({"train", config, "--data", data(), "--out", in_folder("half"), "--device", "cpu"});
  EXPECT_EQ(outcome.code, 78);
  EXPECT_TRUE(contains(outcome.err, config + ":2:14: train.precision: got fp16 on cpu, expected a CUDA device"))
      << outcome.err;
}

}  // namespace
}  // namespace unet
