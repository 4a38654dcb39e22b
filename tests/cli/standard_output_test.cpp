// What is printed on stdout arrives, or the program says that it did not.

#include <gtest/gtest.h>

#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

class StandardOutput : public TrainedRun {
 protected:
  /// The command lines that print data.
  static std::vector<std::vector<std::string>> printing_commands() {
    return {{},
            {"--help"},
            {"--version"},
            {"help", "train"},
            {"train", "--help"},
            {"config", "--schema"},
            {"config", "--defaults"},
            {"config", "--presets"},
            {"config", "membrane"},
            {"evaluate", run(), "--data", data()},
            {"evaluate", run(), "--data", data(), "--json"},
            {"check-data", data()},
            {"check-data", data(), "--json"},
            {"inspect", run()},
            {"inspect", run(), "--json"},
            {"inspect", run(), "--upsampling"},
            {"bench", "--part", "start", "--repeat", "1"},
            {"bench", "--part", "start", "--repeat", "1", "--json"},
            add_arguments({"train", "--data", data(), "--find-lr", "--out", in_folder("lr")}, tiny_settings())};
  }
};

TEST_F(StandardOutput, AFullDiskExitsWith74) {
  for (const auto& arguments : printing_commands()) {
    const Outcome outcome = run_shell(shell_command(arguments) + " >/dev/full");
    EXPECT_EQ(outcome.code, 74) << shell_command(arguments) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "stdout: wrote only 0 of ")) << shell_command(arguments);
    EXPECT_TRUE(contains(outcome.err, "No space left on device")) << shell_command(arguments);
  }
}

TEST_F(StandardOutput, AClosedOneExitsWith74) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"config", "--schema"}, {"inspect", run(), "--json"}}) {
    const Outcome outcome = run_shell(shell_command(arguments) + " >&-");
    EXPECT_EQ(outcome.code, 74) << shell_command(arguments);
    EXPECT_TRUE(contains(outcome.err, "Bad file descriptor"));
  }
}

TEST_F(StandardOutput, AClosedOneIsNoPlaceForOtherFiles) {
  const std::string out = in_folder("closed");
  const Outcome outcome =
      run_shell(shell_command(add_arguments({"train", "--data", data(), "--out", out, "--set", "train.epochs=1"},
                                            tiny_settings())) +
                " <&- >&- 2>&-");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(run_unet({"evaluate", out, "--data", data(), "--json"}).code, 0);
}

}  // namespace
}  // namespace unet
