// Training with activation checkpoints equals training without them.

#include <gtest/gtest.h>

#include "app/inspection/allocation_log.h"
#include "tests/support/tiny_training.h"

namespace unet {
namespace {

std::vector<std::string> with_checkpoints(std::vector<std::string> settings) {
  settings.emplace_back("train.checkpoint_activations=true");
  return settings;
}

TEST(ActivationCheckpointTraining, GivesTheSameCheckpointAndRecords) {
  const std::vector<std::vector<std::string>> cases{{"model.norm=batch"},
                                                    {"model.norm=instance", "train.precision=fp32"},
                                                    {"model.norm=group", "train.memory_format=contiguous"},
                                                    {"model.norm=none", "train.precision=fp32"},
                                                    {"train.freeze=[encoder]", "train.freeze_epochs=2"}};
  for (const auto& settings : cases) {
    const auto kept = TinyTraining(settings).run("", 12);
    const auto recomputed = TinyTraining(with_checkpoints(settings)).run("", 12);
    EXPECT_EQ(recomputed.records, kept.records) << settings[0];
    EXPECT_TRUE(recomputed.checkpoint == kept.checkpoint) << settings[0];
  }
}

TEST(ActivationCheckpointTraining, MayBeSwitchedOnInTheMiddleOfARun) {
  TinyTraining kept, recomputed(with_checkpoints({}));
  EXPECT_TRUE(recomputed.run(kept.run("", 5).checkpoint, 9).checkpoint == kept.run("", 9).checkpoint);
}

/// Returns the peak tensor memory of one step, in bytes.
int64_t step_peak(const std::vector<std::string>& settings) {
  TinyTraining training(settings);
  const Execution execution = choose_execution("cpu", Precision::fp32);
  Learner learner(training.config(), training.data().class_share, 3, execution);
  const auto images = torch::zeros({2, 3, 128, 128});
  const auto labels = torch::zeros({2, 128, 128}, torch::kLong);
  return peak_of(log_allocations([&] {
    learner.begin_step();
    learner.add_gradients(images, {labels});
  }));
}

TEST(ActivationCheckpointTraining, NeedsLessMemory) {
  const std::vector<std::string> settings{"model.depth=3", "model.base_channels=8"};
  const auto kept = static_cast<double>(step_peak(settings));
  EXPECT_LT(static_cast<double>(step_peak(with_checkpoints(settings))), 0.75 * kept);
}

}  // namespace
}  // namespace unet
