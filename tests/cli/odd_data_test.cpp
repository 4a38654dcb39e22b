// Data sets that can barely be trained on, trainings that overflow, and too little memory.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "configs/schema/error.h"
#include "data/images/image_io.h"
#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"
#include "tests/support/hints.h"
#include "tests/support/sanitizer.h"
#include "tests/support/trust.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Writes images of noise with masks from `make_mask`.
void write_data(const std::string& dir, int count, cv::Mat (*make_mask)()) {
  fs::create_directories(dir + "/images");
  fs::create_directories(dir + "/masks");
  cv::RNG random(7);
  for (int i = 0; i < count; ++i) {
    cv::Mat image(40, 40, CV_8UC3);
    random.fill(image, cv::RNG::UNIFORM, 0, 256);
    write_image(concat(dir, "/images/", i, ".png"), image);
    write_image(concat(dir, "/masks/", i, ".png"), make_mask());
  }
}

cv::Mat background() { return cv::Mat::zeros(40, 40, CV_8UC1); }
cv::Mat diagonal() { return cv::Mat::eye(40, 40, CV_8UC1); }

struct OddData {
  const char* name;
  int images;
  cv::Mat (*mask)();
  std::vector<std::string> settings;
  int code;
  const char* text;  ///< part of the output
};

TEST(OddData, IsTrainedOnOrRefusedWithoutHanging) {
  TrustRow row(11, "empty set, one image, background only, batch larger than the set, and the like");
  const std::vector<OddData> all{
      OddData{"empty", 0, diagonal, {}, 65, "expected at least one"},
      {"one image", 1, diagonal, {}, 0, "no validation images"},
      {"background only", 6, background, {}, 65, "nothing to learn"},
      {"batch larger than the set", 6, diagonal, {"--set", "train.batch_size=64"}, 0, ""},
      {"one image, many workers", 1, diagonal, {"--set", "data.num_workers=8"}, 0, "no validation images"},
      {"background only, two classes", 6, background, {"--set", "data.labels={0: 0, 1: 1}"}, 0, ""},
      {"background only, one logit",
       6,
       background,
       {"--set", "data.labels={0: 0, 1: 1}", "--set", "model.num_classes=1"},
       0,
       ""},
      {"accumulation over more than the set", 6, diagonal, {"--set", "train.accumulate=50"}, 0, ""},
      {"crop larger than the images", 6, diagonal, {"--set", "data.size=[96, 96]"}, 0, ""},
      {"most images validate", 6, diagonal, {"--set", "data.val_fraction=0.9"}, 0, ""},
  };
  for (int64_t i = 0; i < case_count(4, static_cast<int64_t>(all.size())); ++i) {
    const OddData& odd = all[static_cast<size_t>(i)];
    const TempFolder folder;
    write_data(folder / "data", odd.images, odd.mask);
    const auto arguments = add_arguments(
        add_arguments({"train", "--data", folder / "data", "--out", folder / "run", "--set", "train.epochs=2"},
                      tiny_settings()),
        odd.settings);
    const Outcome outcome = run_shell("timeout 60 " + shell_command(arguments));
    const bool as_expected = outcome.code == odd.code && outcome.err.find(odd.text) != std::string::npos &&
                             (odd.code != 0 || fs::exists(folder / "run/checkpoints/last.safetensors"));
    row.add(odd.name, as_expected ? "" : concat("exit code ", outcome.code, ": ", outcome.err));
  }
}

cv::Mat three_grays() {
  cv::Mat mask = cv::Mat::zeros(40, 40, CV_8UC1);
  mask(cv::Rect(0, 0, 20, 20)) = cv::Scalar(40);
  mask(cv::Rect(20, 20, 20, 20)) = cv::Scalar(90);
  return mask;
}

TEST(OddData, EverySettingThatARefusalProposesTrains) {
  const TempFolder folder;
  write_data(folder / "data", 4, three_grays);
  const auto train = [&](const std::vector<std::string>& settings, const std::string& out) {
    std::vector<std::string> arguments{"train",      "--data", folder / "data", "--out",
                                       folder / out, "--set",  "train.epochs=1"};
    for (const std::string& setting : settings) arguments = add_arguments(arguments, {"--set", setting});
    return run_unet(add_arguments(arguments, tiny_settings()));
  };
  const Outcome refused = train({}, "refused");
  EXPECT_EQ(refused.code, 65);
  const auto hints = hints_of(refused.err);
  EXPECT_EQ(hints.size(), 3u) << refused.err;
  for (size_t i = 0; i < hints.size(); ++i) {
    const Outcome trained = train(hints[i], concat("run", i));
    EXPECT_EQ(trained.code, 0) << trained.err;
  }
}

/// Returns the first F32 tensor of a checkpoint with a value that is not finite; "" if there is none.
std::string not_finite_tensor(const std::string& file) {
  const std::string bytes = file_text(file);
  uint64_t length = 0;
  if (bytes.size() < sizeof(length)) return "no checkpoint: " + file;
  std::memcpy(&length, bytes.data(), sizeof(length));
  const auto header = nlohmann::json::parse(bytes.substr(sizeof(length), length));
  for (const auto& [name, tensor] : header.items()) {
    if (name == "__metadata__" || tensor["dtype"] != "F32") continue;
    for (size_t at = tensor["data_offsets"][0]; at < tensor["data_offsets"][1]; at += sizeof(float)) {
      float value = 0;
      std::memcpy(&value, bytes.data() + sizeof(length) + length + at, sizeof(value));
      if (!std::isfinite(value)) return name;
    }
  }
  return "";
}

class NotFinite : public TrainedRun {
 protected:
  /// Command line of a training whose second step overflows.
  static std::vector<std::string> arguments(const std::string& out, const std::vector<std::string>& more = {}) {
    return add_arguments(add_arguments({"train", "--data", data(), "--out", out, "--set", "train.epochs=3", "--set",
                                        "train.lr=1e30", "--set", "train.warmup_steps=0", "--set",
                                        "train.clip_grad_norm=0", "--set", "train.save_every_steps=1"},
                                       tiny_settings()),
                         more);
  }
};

TEST_F(NotFinite, StopsNamesTheBatchAndKeepsTheLastGoodCheckpoint) {
  TrustRow row(12, "a loss or gradient that is not finite: exit 76, batch named, last checkpoint finite and loadable");
  const std::vector<std::string> settings{"train.ema_decay=0.9", "train.precision=bf16", "train.precision=fp32"};
  for (int64_t i = 0; i < case_count(1, static_cast<int64_t>(settings.size())); ++i) {
    const std::string& setting = settings[static_cast<size_t>(i)];
    const std::string run = in_folder("overflow");
    const std::string last = run + "/checkpoints/last.safetensors";
    const Outcome outcome = run_unet(arguments(run, {"--set", setting}));
    std::string failure = outcome.code == 76 ? not_finite_tensor(last) : concat(outcome.code, ": ", outcome.err);
    if (outcome.err.find(".png") == std::string::npos) failure += " no file is named: " + outcome.err;
    const Outcome loaded = run_unet({"inspect", last});
    if (loaded.code != 0) failure += " cannot be loaded: " + loaded.err;
    if (run_unet({"train", "--resume", "--out", run}).code != 76) failure += " the resumed run ends differently";
    row.add(setting, failure);
    fs::remove_all(run);
  }
}

TEST_F(NotFinite, SkipsAtMostTheLimitInARow) {
  const Outcome outcome =
      run_unet(arguments(in_folder("skips"), {"--set", "train.nonfinite=skip", "--set", "train.nonfinite_limit=2"}));
  EXPECT_EQ(outcome.code, 76) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "warning: step "));
  EXPECT_TRUE(contains(outcome.err, "is skipped: "));
  EXPECT_TRUE(contains(outcome.err, "after 2 consecutive skipped steps"));
}

class OutOfMemory : public TrainedRun {};

TEST_F(OutOfMemory, ExitsWith71AndAdvisesWithNumbers) {
  if (kAddressSanitizer) GTEST_SKIP() << "the address sanitizer needs more address space than the limit of this test";
  TrustRow row(13, "a step that does not fit into memory: exit 71, advice with numbers");
  // The output of one convolution takes 1 GB, so that its allocation fails and not a small one in a library.
  const auto settings =
      add_arguments(tiny_settings(), {"--set", "data.size=[1024, 1024]", "--set", "model.base_channels=16", "--set",
                                      "train.batch_size=16", "--set", "train.precision=fp32"});
  for (const char* more : {"train.ema_decay=0", "train.accumulate=2"}) {
    const std::string run = in_folder("large");
    const Outcome outcome =
        run_shell("ulimit -v 5000000; " +
                  shell_command(add_arguments(add_arguments({"train", "--data", data(), "--out", run}, settings),
                                              {"--set", more})));
    std::string failure = outcome.code == 71 ? "" : concat("exit code ", outcome.code, ": ", outcome.err);
    for (const char* part : {"out of memory", "train.batch_size", "train.accumulate", "GiB"})
      if (outcome.err.find(part) == std::string::npos) failure += concat("no '", part, "' in: ", outcome.err);
    row.add(more, failure);
    fs::remove_all(run);
    if (!is_long_form()) break;
  }
}

}  // namespace
}  // namespace unet
