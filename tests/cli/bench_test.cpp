#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/contains.h"
#include "tests/support/program.h"

namespace unet {
namespace {

Outcome run_bench(const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"bench", "--repeat", "2"};
  for (const char* setting : {"model.base_channels=4", "model.depth=2", "data.size=[32,32]", "train.batch_size=2"})
    arguments.insert(arguments.end(), {"--set", setting});
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_unet(arguments);
}

TEST(Bench, PartsTakeAtMostTheTotalTime) {
  const Outcome outcome = run_bench({"--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  for (const char* subject : {"training step", "inference"}) {
    const auto& result = json.at(subject);
    for (size_t i = 0; i < 2; ++i) {
      double sum = 0;
      for (const auto& part : result.at("parts")) sum += part.at("seconds").at(i).get<double>();
      const auto seconds = result.at("seconds").at(i).get<double>();
      EXPECT_GT(sum, 0) << subject;
      EXPECT_LE(sum, seconds * 1.001) << subject;
    }
    EXPECT_GT(result.at("convolutions_alone").at("median"), 0) << subject;
    EXPECT_GT(result.at("peak_mib"), 10) << subject;
  }
  EXPECT_GT(json.at("loading").at("images_per_second"), 0);
  EXPECT_EQ(json.at("loading").at("loaded_step").at("seconds").size(), 2u);
  EXPECT_GT(json.at("start").at("median"), 0);
  EXPECT_TRUE(contains(json.at("subject").get<std::string>(), "2 of 3x32x32, width 4, depth 2")) << json.at("subject");
}

TEST(Bench, LeavesNoFilesWhenStopped) {
  const TempFolder folder;
  const std::string temporary = shell_quoted(folder.path());
  const std::string bench = shell_command({"bench", "--part", "loading", "--repeat", "1000", "--set",
                                           "model.base_channels=4", "--set", "train.batch_size=2"});
  // The signal is sent while the synthetic data are being written.
  const Outcome outcome = run_shell("export TMPDIR=" + temporary + "; " + bench + " & until ls " + temporary +
                                    "/unet-bench-*/shapes/train/masks >/dev/null 2>&1; do sleep 0.1; done; "
                                    "kill -TERM $!; wait $!");
  EXPECT_EQ(outcome.code, 75) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "stopped")) << outcome.err;
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Bench, MeasuresTheRequestedPartWithTheRequestedKernels) {
  const Outcome outcome = run_bench({"--part", "inference", "--set", "train.fast_paths=false"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "LibTorch's kernels")) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "inference"));
  EXPECT_FALSE(contains(outcome.out, "training step"));
  EXPECT_EQ(run_bench({"--part", "everything"}).code, 2);
  EXPECT_EQ(run_bench({"--part", "loading", "--data", "nowhere"}).code, 66);
}

}  // namespace
}  // namespace unet
