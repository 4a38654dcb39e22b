#include "app/run/resume.h"

#include <gtest/gtest.h>

#include "tests/support/network_cases.h"
#include "tests/support/tiny_training.h"
#include "tests/support/trust.h"

namespace unet {
namespace {

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Stops after each step of the training in turn, resumes, and compares with the uninterrupted training.
void expect_exact_resume_from_every_step(const std::string& workers) {
  TinyTraining training({"data.num_workers=" + workers});
  const auto uninterrupted = training.run();
  ASSERT_EQ(uninterrupted.end, TrainingEnd::finished);
  ASSERT_EQ(uninterrupted.records.size(), 40u + 6u);  // 40 steps; validations after 7, 14, ..., 35 and at the end
  TrustRow row(1, "stop after every step of 40, resume, in one process, loader workers: " + workers);
  for (int64_t stop = 1; stop < 40; ++stop) {
    const auto first = training.run("", stop);
    ASSERT_EQ(first.end, TrainingEnd::interrupted);
    const auto second = training.run(first.checkpoint);
    const bool same_records = joined(first.records, second.records) == uninterrupted.records;
    const bool same_checkpoint = second.checkpoint == uninterrupted.checkpoint;
    row.add(concat("stopped after step ", stop),
            concat(same_records ? "" : "other records ", same_checkpoint ? "" : "another checkpoint"));
  }
}

TEST(Resume, AfterEveryStepWithoutWorkersEqualsTheUninterruptedRun) { expect_exact_resume_from_every_step("0"); }

TEST(Resume, AfterEveryStepWithTwoWorkersEqualsTheUninterruptedRun) { expect_exact_resume_from_every_step("2"); }

TEST(Resume, TheNumberOfWorkersChangesNothing) {
  const auto none = TinyTraining({"data.num_workers=0"}).run().checkpoint;
  for (const char* workers : {"1", "2", "8"})
    EXPECT_TRUE(TinyTraining({std::string("data.num_workers=") + workers}).run().checkpoint == none) << workers;
}

TEST(Resume, AnotherSeedGivesAnotherTraining) {
  EXPECT_FALSE(TinyTraining({"train.seed=1"}).run("", 3).checkpoint == TinyTraining().run("", 3).checkpoint);
}

TEST(Resume, IsExactForEveryOptimizerAndSchedule) {
  std::vector<std::string> settings;
  for (const auto& name : optimizer_rules().names()) settings.push_back("train.optimizer=" + name);
  for (const auto& name : schedules().names()) settings.push_back("train.schedule=" + name);
  for (const std::string& setting : settings) {
    TinyTraining training({setting, "train.lr=1e-3", "train.epochs=3"});
    const auto uninterrupted = training.run();
    const auto resumed = training.run(training.run("", 9).checkpoint);
    EXPECT_TRUE(resumed.checkpoint == uninterrupted.checkpoint) << setting;
  }
}

TEST(Resume, WorksForACheckpointOlderThanAnOption) {
  TinyTraining training;
  Checkpoint checkpoint = checkpoint_from_bytes(training.run("", 1).checkpoint, "test");
  const size_t begin = checkpoint.config.find("  cutout:"), end = checkpoint.config.find("  brightness:");
  ASSERT_LT(begin, end) << checkpoint.config;
  checkpoint.config.erase(begin, end - begin);
  EXPECT_NO_THROW(check_resumable(checkpoint, training.config(), training.data(), false, "test"));
}

TEST(Resume, ACheckpointWithoutValuesThatTheDataDetermineIsResumed) {
  TinyTraining training({"augment.intensity_unit=full_range"});
  Checkpoint checkpoint = checkpoint_from_bytes(training.run("", 1).checkpoint, "test");
  for (const char* key : {"  intensity_unit:", "  min:", "  max:", "  normalize:", "  fourth_channel:"}) {
    const size_t begin = checkpoint.config.find(key);
    ASSERT_NE(begin, std::string::npos) << key;
    checkpoint.config.erase(begin, checkpoint.config.find('\n', begin) - begin + 1);
  }
  EXPECT_NO_THROW(check_resumable(checkpoint, training.config(), training.data(), false, "test"));
}

TEST(Resume, IsExactForEveryWayOfSampling) {
  TinyTraining training(
      {"data.sampling=class_balanced", "data.forced_foreground=0.33", "data.size=[16, 16]", "train.epochs=3"});
  const auto uninterrupted = training.run();
  training.config().data.num_workers = 2;
  const auto resumed = training.run(training.run("", 5).checkpoint);
  EXPECT_TRUE(resumed.checkpoint == uninterrupted.checkpoint);
}

/// Checks also that activation checkpoints change nothing.
TEST(Resume, IsExactForEveryNetwork) {
  for (const NetworkCase& network_case : network_cases()) {
    if (network_case.options().num_classes == 1) continue;  // the data have three classes
    TinyTraining training({concat("model=", network_case.model), "model.norm_groups=2", "train.epochs=2"});
    const auto uninterrupted = training.run();
    const auto resumed = training.run(training.run("", 5).checkpoint);
    EXPECT_TRUE(resumed.checkpoint == uninterrupted.checkpoint) << network_case.name;
    if (!network_case.options().has_plain_encoder())
      continue;  // recomputing sums the three gradients of a feature in another order
    training.config().train.checkpoint_activations = true;
    EXPECT_TRUE(training.run().checkpoint == uninterrupted.checkpoint)
        << network_case.name << ", with activation checkpoints";
  }
}

}  // namespace
}  // namespace unet
