#include "app/run/run_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "app/run/divergence.h"
#include "app/run/records.h"
#include "app/runtime/run_clock.h"
#include "tests/support/error_text.h"
#include "tests/support/file_text.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

TEST(RunFolder, ASecondWriterIsRefused) {
  const TempFolder folder;
  const RunFolder first = RunFolder::create(folder / "run");
  EXPECT_NE(error_text(ErrorKind::cannot_create, [&] { RunFolder::create(folder / "run"); })
                .find("another process is training"),
            std::string::npos);
}

TEST(RunFolder, AFolderWithOtherFilesIsRefused) {
  const TempFolder folder;
  std::ofstream(folder / "letter.txt") << "dear";
  EXPECT_NE(error_text(ErrorKind::cannot_create, [&] { RunFolder::create(folder.path()); })
                .find("already exists and is not empty"),
            std::string::npos);
  EXPECT_EQ(file_text(folder / "letter.txt"), "dear");
}

TEST(RunFolder, AFolderLeftByAFailedStartIsAccepted) {
  const TempFolder folder;
  { const RunFolder failed = RunFolder::create(folder / "run"); }
  std::ofstream(folder / "run/train.log") << "bad data";
  EXPECT_NO_THROW(RunFolder::create(folder / "run"));
}

TEST(RunFolder, ADefaultNameThatIsTakenGetsANumber) {
  const TempFolder folder;
  RunFolder::create_numbered(folder / "runs/a").save_checkpoint("one", {});
  EXPECT_EQ(RunFolder::create_numbered(folder / "runs/a").path().string(), folder / "runs/a-2")
      << "free again: it has no run";
  const RunFolder second = RunFolder::create_numbered(folder / "runs/a");
  EXPECT_EQ(second.path().string(), folder / "runs/a-2");
  const RunFolder third = RunFolder::create_numbered(folder / "runs/a");
  EXPECT_EQ(third.path().string(), folder / "runs/a-3") << "another process trains in a-2";
}

TEST(RunFolder, ACheckLeavesNothingBehind) {
  const TempFolder folder;
  RunFolder::check_creatable(folder / "deep/er/run");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  std::filesystem::create_directory(folder / "mine");
  RunFolder::check_creatable(folder / "mine");
  EXPECT_TRUE(std::filesystem::is_empty(folder / "mine"));
  const RunFolder used = RunFolder::create(folder / "used");
  EXPECT_NE(error_text(ErrorKind::cannot_create, [&] { RunFolder::check_creatable(folder / "used"); })
                .find("another process is training"),
            std::string::npos);
}

TEST(RunFolder, OnlyANewFolderWithoutACheckpointIsDiscarded) {
  const TempFolder folder;
  RunFolder refused = RunFolder::create(folder / "deep/run");
  std::ofstream(folder / "deep/run/train.log") << "bad options";
  refused.discard();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  RunFolder trained = RunFolder::create(folder / "deep/run");
  trained.save_checkpoint("one", {});
  trained.discard();
  EXPECT_EQ(file_text(trained.checkpoint("last").string()), "one");
  std::filesystem::create_directory(folder / "mine");
  RunFolder mine = RunFolder::create(folder / "mine");
  mine.discard();
  EXPECT_TRUE(std::filesystem::exists(folder / "mine"));
}

TEST(RunFolder, KeepsLastPreviousAndBest) {
  const TempFolder folder;
  const RunFolder run = RunFolder::create(folder / "run");
  run.save_checkpoint("one", {true});
  run.save_checkpoint("two", {});
  run.save_checkpoint("three", {});
  EXPECT_EQ(file_text(run.checkpoint("last").string()), "three");
  EXPECT_EQ(file_text(run.checkpoint("previous").string()), "two");
  EXPECT_EQ(file_text(run.checkpoint("best").string()), "one");
}

TEST(RunFolder, KeepsTheNewestSteps) {
  const TempFolder folder;
  const RunFolder run = RunFolder::create(folder / "run");
  for (const int64_t step : {9, 10, 11}) run.save_checkpoint(std::to_string(step), {false, step, 2});
  EXPECT_FALSE(std::filesystem::exists(run.checkpoint("step-000009")));
  EXPECT_EQ(file_text(run.checkpoint("step-000010").string()), "10");
  EXPECT_EQ(file_text(run.checkpoint("step-000011").string()), "11");
}

TEST(RunFolder, OpeningRemovesPartialFiles) {
  const TempFolder folder;
  RunFolder::create(folder / "run").save_checkpoint("one", {});
  std::ofstream(folder / "run/checkpoints/.tmp-77-last.safetensors") << "half";
  std::ofstream(folder / "run/samples/.tmp-77-step-000001.png") << "half";
  const RunFolder run = RunFolder::open(folder / "run");
  EXPECT_FALSE(std::filesystem::exists(folder / "run/checkpoints/.tmp-77-last.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(folder / "run/samples/.tmp-77-step-000001.png"));
  EXPECT_EQ(file_text(run.checkpoint("last").string()), "one");
}

TEST(RunFolder, OpeningAFolderWithoutATrainingIsRefused) {
  const TempFolder folder;
  EXPECT_NE(error_text(ErrorKind::missing_input, [&] { RunFolder::open(folder.path()); }).find("nothing to resume"),
            std::string::npos);
}

TEST(Recorder, MetricsAreCutBackToTheSavedStep) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  std::ofstream(path) << "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n{\"step\":";
  truncate_metrics(path, 2, false);
  EXPECT_EQ(file_text(path), "{\"step\":1}\n{\"step\":2}\n");
}

TEST(Recorder, APendingValidationIsCutOff) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  std::ofstream(path) << "{\"step\":2,\"type\":\"step\"}\n{\"step\":2,\"type\":\"validation\"}\n";
  truncate_metrics(path, 2, true);
  EXPECT_EQ(file_text(path), "{\"step\":2,\"type\":\"step\"}\n");
}

TEST(Recorder, APendingComparisonIsCutOffAndADoneOneKept) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  const std::string validation = "{\"step\":2,\"type\":\"validation\"}\n";
  const std::string comparison = "{\"step\":2,\"type\":\"comparison\"}\n";
  std::ofstream(path) << validation << comparison;
  truncate_metrics(path, 2, false, true);
  EXPECT_EQ(file_text(path), validation + comparison);
  truncate_metrics(path, 2, false, false);
  EXPECT_EQ(file_text(path), validation);
}

TEST(Recorder, TheLogIsCutBackToTheSavedStepButKeepsErrors) {
  const TempFolder folder;
  const std::string path = folder / "train.log";
  const std::string kept = "2026-01-01 00:00:00 info begun\n2026-01-01 00:00:01 debug " + saved_line(2) + "\n";
  const std::string why = "2026-01-01 00:00:03 error the disk is full\n";
  std::ofstream(path) << kept << "2026-01-01 00:00:02 info epoch 3\n2026-01-01 00:00:02 debug " << saved_line(3) << "\n"
                      << why << "  more of it\n";
  truncate_log(path, 2);
  EXPECT_EQ(file_text(path), kept + why);
}

TEST(RunClock, TheTimeSinceTheStartOfTheProcessIsKnown) {
  const double before = process_seconds();
  EXPECT_GT(before, 0);
  const RunClock clock = start_run_clock();
  while (clock() < 0.03) {
  }
  const double waited = process_seconds() - before;
  EXPECT_GT(waited, 0.02);
  EXPECT_LT(waited, 10);
}

TEST(RunClock, ContinuesFromTheRecordedTime) {
  const TempFolder folder;
  const RunFolder run = RunFolder::create(folder / "run");
  EXPECT_EQ(recorded_run_seconds(run), 0);
  std::ofstream(folder / "run/metrics.jsonl") << "{\"step\":1,\"run_seconds\":12.5}\nhalf a li";
  std::ofstream(folder / "run/environment.json") << R"({"starts": [{"run_seconds": 0}, {"run_seconds": 14}]})";
  EXPECT_EQ(recorded_run_seconds(run), 14);
  EXPECT_GE(start_run_clock(14)(), 14);
}

TEST(Divergence, IsReportedOnceIfTheLossStaysHigh) {
  Divergence watch;
  int64_t found = 0;
  for (int64_t step = 1; step <= 400; ++step) {
    const auto seen = watch.observe(step, step <= 100 ? 0.5 : 3);
    if (!seen) continue;
    ++found;
    EXPECT_GT(step, 150);
    EXPECT_NEAR(seen->loss, 0.5, 1e-9);
  }
  EXPECT_EQ(found, 1);
}

TEST(Divergence, SingleJumpsOfTheLossAreNotReported) {
  Divergence watch;
  for (int64_t step = 1; step <= 1000; ++step) EXPECT_FALSE(watch.observe(step, step % 10 == 0 ? 1.5 : 0.5));
}

}  // namespace
}  // namespace unet
