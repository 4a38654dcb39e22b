#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/program.h"

namespace unet {

/// Settings of a training that takes about a second.
inline std::vector<std::string> tiny_settings() {
  return {"--set", "data.size=[32, 32]", "--set", "model.depth=2",          "--set", "model.base_channels=4",
          "--set", "train.batch_size=4", "--set", "train.log_every_steps=1"};
}

/// A synthetic data set and a run that the program trained on it, made once for all tests of a suite.
class TrainedRun : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TempFolder>();
    const Outcome synth = run_unet({"synth", "--out", data(), "--count", "24", "--size", "32"});
    ASSERT_EQ(synth.code, 0) << synth.err;
    const Outcome train = run_unet(
        add_arguments({"train", "--data", data(), "--out", run(), "--set", "train.epochs=3"}, tiny_settings()));
    ASSERT_EQ(train.code, 0) << train.err;
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::string data() { return *folder_ / "data"; }
  static std::string run() { return *folder_ / "run"; }
  static std::string in_folder(const std::string& name) { return *folder_ / name; }

 private:
  static inline std::unique_ptr<TempFolder> folder_;
};

}  // namespace unet
