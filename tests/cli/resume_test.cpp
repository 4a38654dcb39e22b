// Checkpoints from which a run is resumed, and changes with which it is refused.

#include <gtest/gtest.h>

#include <fstream>

#include "tests/cli/reference_run.h"
#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// A copy, for each test, of the reference run stopped before its end.
class ResumeRun : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!kCanPreload) return;
    stopped_ = std::make_unique<TempFolder>();
    const ReferenceRun& reference = reference_run();
    const auto records = reference.numbers_of("write " + reference.run() + "/metrics.jsonl");
    const Outcome outcome = run_shell(shell_command_with_fault(
        concat("term:", records.at(4)), *stopped_ / "run", *stopped_ / "ops", reference.arguments(*stopped_ / "run")));
    ASSERT_EQ(outcome.code, 75) << outcome.err;
  }
  static void TearDownTestSuite() { stopped_.reset(); }

  void SetUp() override {
    if (!kCanPreload) GTEST_SKIP() << "the run is stopped at a step by a preloaded library";
    fs::create_directories(folder_ / "runs");
    ASSERT_EQ(run_shell("cp -a " + shell_quoted(*stopped_ / "run") + " " + shell_quoted(run_)).code, 0);
  }

  std::string checkpoint(const std::string& name) const { return run_ + "/checkpoints/" + name + ".safetensors"; }

  void damage(const std::string& name) const {
    std::fstream file(checkpoint(name), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-5, std::ios::end);
    file.put('?');
  }

  Outcome resume(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"train", "--resume", "--out", run_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_unet(arguments);
  }

  const ReferenceRun& reference_ = reference_run();
  TempFolder folder_;
  std::string run_ = folder_ / "runs/copy";

 private:
  static inline std::unique_ptr<TempFolder> stopped_;
};

TEST_F(ResumeRun, ADamagedLastCheckpointIsReplacedByThePreviousOneWithAWarning) {
  fs::copy_file(checkpoint("last"), checkpoint("kept"));
  fs::remove(checkpoint("last"));  // it may be a hard link
  fs::rename(checkpoint("kept"), checkpoint("last"));
  damage("last");
  const Outcome outcome = resume();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "warning: "));
  EXPECT_TRUE(contains(outcome.err, "last.safetensors"));
  EXPECT_TRUE(contains(outcome.err, "previous.safetensors"));
  EXPECT_EQ(difference(run_, reference_.run()), "");
}

TEST_F(ResumeRun, AMissingLastCheckpointIsReplacedByThePreviousOneAndPartialFilesAreRemoved) {
  fs::remove(checkpoint("last"));
  std::ofstream(run_ + "/.tmp-1-config.yaml") << "half";
  std::ofstream(run_ + "/checkpoints/.tmp-1-last.safetensors") << "half";
  const Outcome outcome = resume();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "previous.safetensors"));
  EXPECT_EQ(stale_files(run_), "");
  EXPECT_EQ(difference(run_, reference_.run()), "");
}

TEST_F(ResumeRun, TwoDamagedCheckpointsAreNamedAndNothingIsChanged) {
  for (const char* name : {"last", "previous"}) {
    fs::remove(checkpoint(name));
    std::ofstream(checkpoint(name)) << "no checkpoint";
  }
  const Outcome outcome = resume();
  EXPECT_EQ(outcome.code, 65) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "previous.safetensors"));
  EXPECT_EQ(file_text(checkpoint("last")), "no checkpoint");
  EXPECT_EQ(file_text(checkpoint("previous")), "no checkpoint");
}

TEST_F(ResumeRun, WithoutAFolderTheNewestRunIsResumed) {
  fs::create_directories(folder_ / "runs/older/checkpoints");
  std::ofstream(folder_ / "runs/older/checkpoints/last.safetensors") << "not to be looked at";
  fs::last_write_time(folder_ / "runs/older/checkpoints/last.safetensors",
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  const Outcome outcome =
      run_shell("cd " + shell_quoted(folder_.path()) + " && " + shell_command({"train", "--resume"}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "runs/copy"));
  EXPECT_EQ(difference(run_, reference_.run()), "");
}

TEST_F(ResumeRun, ChangedDataAreRefusedUnlessAllowed) {
  const std::string changed = folder_ / "changed";
  fs::copy(reference_.data(), changed, fs::copy_options::recursive);
  const auto victim = fs::directory_iterator(changed + "/train/images")->path().filename();
  fs::remove(fs::path(changed) / "train/images" / victim);
  fs::remove(fs::path(changed) / "train/masks" / victim);
  EXPECT_EQ(resume({"--data", changed}).code, 65);
  const Outcome allowed = resume({"--data", changed, "--allow-changed-data"});
  EXPECT_EQ(allowed.code, 0) << allowed.err;
  EXPECT_TRUE(contains(allowed.err, "warning: "));
}

TEST_F(ResumeRun, AnotherNetworkIsRefusedWithTheTensorAndTheOption) {
  TrustRow row(8, "resume with another network, class count or edited config: refused, tensor and option named");
  struct Change {
    const char* setting;
    const char* option;
    const char* tensor;
  };
  const std::string before = file_text(run_ + "/config.yaml");
  for (const Change& change : {Change{"model.base_channels=8", "model.base_channels", "encoder.0.conv1.weight"},
                               {"model.depth=3", "model.depth", "encoder.2."},
                               {"model.num_classes=6", "model.num_classes", "head."}}) {
    const Outcome outcome = resume({"--set", change.setting});
    const bool named = outcome.code == 78 && outcome.err.find(change.option) != std::string::npos &&
                       outcome.err.find(change.tensor) != std::string::npos;
    row.add(change.setting, named ? "" : concat(outcome.code, ": ", outcome.err));
    EXPECT_EQ(file_text(run_ + "/config.yaml"), before) << "a refused resume changes nothing";
  }
  std::string edited = before;
  const size_t at = edited.find("base_channels: 4");
  ASSERT_NE(at, std::string::npos);
  std::ofstream(run_ + "/config.yaml") << edited.replace(at, 16, "base_channels: 8");
  const Outcome outcome = resume();
  const bool named = outcome.code == 78 && outcome.err.find("model.base_channels") != std::string::npos &&
                     outcome.err.find("encoder.0.conv1.weight") != std::string::npos;
  row.add("edited config.yaml", named ? "" : concat(outcome.code, ": ", outcome.err));
}

TEST_F(ResumeRun, OnlyTheNewestStepsAreKept) {
  const Outcome outcome = resume({"--set", "train.keep_steps=1"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::vector<std::string> kept;
  for (const auto& entry : fs::directory_iterator(run_ + "/checkpoints"))
    if (begins_with(entry.path().filename().string(), "step-")) kept.push_back(entry.path().filename().string());
  EXPECT_EQ(kept, std::vector<std::string>{"step-000008.safetensors"});
}

/// A run whose config.yaml has no data.split_by, as programs wrote it before that option existed.
TEST(ResumeOfAnEarlierRun, KeepsItsSplit) {
  const TempFolder folder;
  const std::string data = folder / "data/train", run = folder / "run";
  ASSERT_EQ(run_unet({"synth", "--out", folder / "data", "--count", "24", "--size", "32"}).code, 0);
  const Outcome trained = run_unet(add_arguments({"train", "--data", data, "--out", run, "--set", "train.epochs=1",
                                                  "--set", "data.split_by=name", "--set", "data.val_fraction=0.4"},
                                                 tiny_settings()));
  ASSERT_EQ(trained.code, 0) << trained.err;
  std::string config = file_text(run + "/config.yaml");
  const size_t line = config.find("  split_by:");
  ASSERT_NE(line, std::string::npos) << config;
  std::ofstream(run + "/config.yaml") << config.erase(line, config.find('\n', line) - line + 1);
  const Outcome other = run_unet({"train", "--resume", "--out", run, "--set", "data.split_by=rank"});
  EXPECT_EQ(other.code, 78) << other.err;
  EXPECT_TRUE(contains(other.err, "data.split_by: name -> rank"));
  const Outcome resumed = run_unet({"train", "--resume", "--out", run, "--set", "train.epochs=2"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_TRUE(contains(resumed.err, "without data.split_by"));
  EXPECT_TRUE(contains(file_text(run + "/config.yaml"), "split_by: name"));
}

TEST(ResumeWithoutARun, NamesTheFolderThatWasSearched) {
  const TempFolder empty;
  const Outcome outcome = run_shell("cd " + shell_quoted(empty.path()) + " && " + shell_command({"train", "--resume"}));
  EXPECT_EQ(outcome.code, 66) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "runs"));
}

TEST(TwoProcesses, TheSecondIsRefusedAndTheFirstUnharmed) {
  UNET_NEED_PRELOAD();
  const ReferenceRun& reference = reference_run();
  TrustRow row(16, "a second process in the run folder is refused, the first unharmed");
  const std::string run = reference.in_folder("shared");
  const int64_t first = reference.numbers_of("write " + reference.run() + "/metrics.jsonl").front();
  for (const int64_t number : spread(reference.numbers_of("", first), case_count(1, 10))) {
    for (const auto& second : {reference.arguments(run), std::vector<std::string>{"train", "--resume", "--out", run}}) {
      const std::string errors = reference.in_folder("second");
      // The first process is stopped at an operation until the second has exited.
      const Outcome outcome = run_shell(
          shell_command_with_fault(concat("stop:", number), run, reference.in_folder("ops"), reference.arguments(run)) +
          " & pid=$!; until grep -q 'State:.[TZ]' /proc/$pid/status; do sleep 0.01; done; " + shell_command(second) +
          " 2>" + shell_quoted(errors) + "; code=$?; kill -CONT $pid; wait $pid && exit $code");
      const std::string text = file_text(errors);
      std::string failure = outcome.code == 73 ? "" : concat("exit code ", outcome.code, ": ", text, outcome.err);
      if (failure.empty() && text.find("another process is training in this folder") == std::string::npos)
        failure = text;
      row.add(concat("at operation ", number), failure.empty() ? difference(run, reference.run()) : failure);
      fs::remove_all(run);
    }
  }
}

}  // namespace
}  // namespace unet
