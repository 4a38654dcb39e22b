// What refused commands leave behind, and the names of runs.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>

#include "data/images/image_io.h"
#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

class Leftovers : public TrainedRun {
 protected:
  Outcome run_here(const std::vector<std::string>& arguments) const {
    return run_shell("cd " + shell_quoted(here_.path()) + " && " + shell_command(arguments));
  }
  bool is_empty() const { return fs::is_empty(here_.path()); }

  TempFolder here_;
};

struct Refused {
  std::vector<std::string> arguments;
  int code;
};

TEST_F(Leftovers, ARefusedCommandLeavesNoFolder) {
  const std::string bad = in_folder("bad"), out = here_ / "deep/er/run";
  fs::create_directories(bad + "/images");
  fs::create_directories(bad + "/masks");
  write_image(bad + "/images/orphan.png", cv::Mat(40, 40, CV_8UC1, cv::Scalar(7)));
  const std::string image = fs::directory_iterator(data() + "/test/images")->path().string();
  for (const Refused& each : {
           Refused{{"trian", "--data", data()}, 2},
           {{"train", "--dta", data()}, 2},
           {{"train", data()}, 2},
           {{"train", "membran", "--data", data()}, 66},
           {{"train", "membrane", "--data", data()}, 78},
           {{"train", "--data", here_ / "none"}, 66},
           {{"train", "--data", bad}, 65},
           {{"train"}, 78},
           {{"train", "--data", data(), "--set", "train.epochs=many"}, 78},
           {{"train", "--data", data(), "--set", "train.epoch=3"}, 78},
           {{"train", "--data", data(), "--set", "data.size=[4, 4]", "--set", "model.depth=5"}, 78},
           {{"train", "--data", data(), "--set", "model.num_classes=2"}, 78},
           {{"train", "--data", data(), "--set", "model.encoder_weights=none.pth", "--set", "model.encoder=resnet18"},
            66},
           {{"train", "--data", data(), "--device", "cuda:63"}, 69},
           {{"train", "--data", data(), "--device", "gpu"}, 2},
           {{"train", "--data", data(), "--init", here_ / "none"}, 66},
           {{"train", "--data", data(), "--find-lr", "--set", "train.lr=fast"}, 78},
           {{"train", "--data", here_ / "none", "--find-lr"}, 66},
           {{"train", "--resume"}, 66},
           {{"predict", here_ / "no-model", image}, 66},
           {{"predict", run(), here_ / "no-image"}, 66},
           {{"check-data", here_ / "none"}, 66},
           {{"check-data", bad, "--set", "data.images=photos"}, 66},
           {{"convert", here_ / "none"}, 66},
           {{"convert", bad}, 65},
       }) {
    const bool is_trained = each.arguments[0] == "train";
    for (const bool with_out : {false, true}) {
      if (!with_out && !is_trained) continue;
      const auto arguments = with_out ? add_arguments(each.arguments, {"--out", out}) : each.arguments;
      const Outcome outcome = run_here(arguments);
      EXPECT_EQ(outcome.code, each.code) << shell_command(arguments) << outcome.err;
      EXPECT_TRUE(is_empty()) << shell_command(arguments);
      for (const auto& entry : fs::directory_iterator(here_.path())) fs::remove_all(entry.path());
    }
  }
}

TEST_F(Leftovers, AWrongInitIsRefusedBeforeTheDataAreLookedFor) {
  const Outcome outcome = run_here({"train", "--data", here_ / "none", "--init", here_ / "no-checkpoint"});
  EXPECT_EQ(outcome.code, 66);
  EXPECT_TRUE(contains(outcome.err, "no-checkpoint"));
}

TEST_F(Leftovers, AnEmptyFolderStaysAsItIs) {
  fs::create_directory(here_ / "mine");
  EXPECT_EQ(run_here({"train", "--data", here_ / "none", "--out", "mine"}).code, 66);
  EXPECT_TRUE(fs::is_empty(here_ / "mine"));
}

TEST_F(Leftovers, ADefaultNameThatIsTakenGetsANumber) {
  const auto arguments = add_arguments({"train", "--data", data(), "--set", "train.epochs=1"}, tiny_settings());
  for (const char* name : {"runs/data", "runs/data-2", "runs/data-3"}) {
    const Outcome outcome = run_here(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, std::string("run folder: ") + name));
    EXPECT_TRUE(fs::exists(here_ / (std::string(name) + "/checkpoints/last.safetensors")));
  }
  const Outcome resumed = run_here({"train", "--resume", "--data", data()});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_TRUE(contains(resumed.err, "runs/data-3 resumed"));
}

TEST_F(Leftovers, ARunWithNothingLeftToDoSaysHowToTrainLonger) {
  const Outcome outcome = run_unet({"train", "--resume", "--out", run()});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "nothing left to do: 3 epochs and 15 steps are done"));
  EXPECT_TRUE(contains(outcome.err, "unet train --resume --out " + run() + " --set train.epochs=6"));
}

TEST_F(Leftovers, TheLogOfARunBeginsWithWhatWasReadBeforeItsFolderWasMade) {
  const std::string log = file_text(run() + "/train.log");
  EXPECT_TRUE(contains(log, "info data: " + data() + ": 18 training, 3 validation, 3 test images"));
  EXPECT_TRUE(contains(log, "thread"));
}

TEST_F(Leftovers, ThreadsAreSaidAndUsed) {
  const Outcome outcome = run_unet(
      add_arguments({"train", "--data", data(), "--out", here_ / "run", "--threads", "1", "--set", "train.epochs=1"},
                    tiny_settings()));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "1 thread: --threads"));
  EXPECT_TRUE(contains(file_text(here_ / "run/environment.json"), "\"threads\": 1"));
}

TEST_F(Leftovers, AMapNeedsNoSpaceAfterTheColon) {
  const Outcome outcome = run_unet(add_arguments({"train", "--data", data(), "--out", here_ / "run", "--set",
                                                  "train.epochs=1", "--set", "data.labels={0:0,85:1,170:1,255:1}"},
                                                 tiny_settings()));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(file_text(here_ / "run/config.yaml"), "labels: {0: 0, 85: 1, 170: 1, 255: 1}"));
}

TEST_F(Leftovers, AConfigForOtherDataIsAnsweredWithTheSplit) {
  const Outcome outcome = run_here({"train", "membrane", "--data", data()});
  EXPECT_EQ(outcome.code, 78) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "--set data.split=auto"));
}

}  // namespace
}  // namespace unet
