#include "app/run/run_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "app/run/recorder.h"
#include "tests/support/error_text.h"
#include "tests/support/file_text.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

TEST(RunFolder, ASecondWriterIsRefused) {
  const TempFolder folder;
  const RunFolder first = RunFolder::create(folder / "run");
  EXPECT_NE(
      error_text(ErrorKind::cannot_create, [&] { RunFolder::create(folder / "run"); }).find("another process trains"),
      std::string::npos);
}

TEST(RunFolder, AFolderWithOtherFilesIsRefused) {
  const TempFolder folder;
  std::ofstream(folder / "letter.txt") << "dear";
  EXPECT_NE(
      error_text(ErrorKind::cannot_create, [&] { RunFolder::create(folder.path()); }).find("is there and not empty"),
      std::string::npos);
  EXPECT_EQ(file_text(folder / "letter.txt"), "dear");
}

TEST(RunFolder, WhatAFailedStartLeftIsNoObstacle) {
  const TempFolder folder;
  { const RunFolder failed = RunFolder::create(folder / "run"); }
  std::ofstream(folder / "run/train.log") << "bad data";
  EXPECT_NO_THROW(RunFolder::create(folder / "run"));
}

TEST(RunFolder, KeepsLastPreviousAndBest) {
  const TempFolder folder;
  const RunFolder run = RunFolder::create(folder / "run");
  run.save_checkpoint("one", true);
  run.save_checkpoint("two", false);
  run.save_checkpoint("three", false);
  EXPECT_EQ(file_text(run.checkpoint("last").string()), "three");
  EXPECT_EQ(file_text(run.checkpoint("previous").string()), "two");
  EXPECT_EQ(file_text(run.checkpoint("best").string()), "one");
}

TEST(RunFolder, OpeningWhatWasNeverTrainedSaysSo) {
  const TempFolder folder;
  EXPECT_NE(error_text(ErrorKind::missing_input, [&] { RunFolder::open(folder.path()); }).find("nothing to resume"),
            std::string::npos);
}

TEST(Recorder, MetricsAreCutBackToTheSavedStep) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  std::ofstream(path) << "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n{\"step\":";
  cut_back_metrics(path, 2);
  EXPECT_EQ(file_text(path), "{\"step\":1}\n{\"step\":2}\n");
}

}  // namespace
}  // namespace unet
