#include "app/training/loss_scaler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "app/training/lr_finder.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/tiny_training.h"

namespace unet {
namespace {

TEST(LossScaler, DoublesAfter2000GoodStepsAndHalvesAtAnOverflow) {
  LossScaler scaler(/*enabled=*/true);
  EXPECT_EQ(scaler.scale(), 65536);
  for (int i = 0; i < 1999; ++i) scaler.succeeded();
  EXPECT_EQ(scaler.scale(), 65536);
  scaler.succeeded();
  EXPECT_EQ(scaler.scale(), 131072);
  EXPECT_EQ(scaler.state().good_steps, 0);
  for (int i = 0; i < 1999; ++i) scaler.succeeded();
  EXPECT_TRUE(scaler.overflowed());
  EXPECT_EQ(scaler.scale(), 65536);
  for (int i = 0; i < 1999; ++i) scaler.succeeded();
  EXPECT_EQ(scaler.scale(), 65536) << "an overflow resets the count";
}

TEST(LossScaler, DoesNotShrinkBelow1) {
  LossScaler scaler(/*enabled=*/true);
  int overflows = 0;
  while (scaler.overflowed()) ++overflows;
  EXPECT_EQ(overflows, 16);
  EXPECT_EQ(scaler.scale(), 1);
}

TEST(LossScaler, DisabledScalingHasScale1AndKeepsItsState) {
  LossScaler scaler(/*enabled=*/false);
  EXPECT_EQ(scaler.scale(), 1);
  EXPECT_FALSE(scaler.overflowed());
  for (int i = 0; i < 3000; ++i) scaler.succeeded();
  EXPECT_EQ(scaler.state().scale, 65536);
  EXPECT_EQ(scaler.state().good_steps, 0);
}

/// Gradients of one step, before and after clipping.
struct Gradients {
  double norm = 0;
  std::vector<torch::Tensor> scaled, clipped;
};

Gradients compute_gradients(TinyTraining& training, double loss_scale) {
  Learner learner(training.config(), training.data().class_share, 3, choose_execution("cpu", Precision::fp32));
  torch::manual_seed(1);
  const auto images = torch::rand({2, 3, 32, 32});
  const auto labels = torch::randint(0, 3, {2, 32, 32}, torch::kLong);
  Gradients gradients;
  const auto copy = [&] {
    std::vector<torch::Tensor> all;
    for (const auto& parameter : learner.network().parameters()) all.push_back(parameter.grad().clone());
    return all;
  };
  learner.begin_step(loss_scale);
  learner.add_gradients(images, {labels});
  gradients.scaled = copy();
  gradients.norm = learner.clip_gradients();
  gradients.clipped = copy();
  return gradients;
}

TEST(LossScaling, ScalesTheLossButNeitherNormNorClippedGradients) {
  TinyTraining training({"model.dropout=0", "train.clip_grad_norm=0.01"});
  const Gradients plain = compute_gradients(training, 1), scaled = compute_gradients(training, 1024);
  EXPECT_GT(plain.norm, 0.01) << "the gradients are clipped";
  EXPECT_EQ(scaled.norm, plain.norm);
  for (size_t i = 0; i < plain.scaled.size(); ++i) {
    EXPECT_TRUE(torch::equal(scaled.scaled[i], 1024 * plain.scaled[i])) << i;
    EXPECT_TRUE(torch::equal(scaled.clipped[i], plain.clipped[i])) << i;
  }
}

TEST(LossScaling, AnOverflowShowsInTheNorm) {
  TinyTraining training;
  EXPECT_FALSE(std::isfinite(compute_gradients(training, std::ldexp(1.0, 140)).norm));
}

struct StepLog : TrainingObserver {
  std::vector<std::string> skipped;  ///< reason for each step; "" if it was not skipped
  std::vector<int64_t> images;
  std::vector<std::string> warnings;
  void stepped(const StepReport& report) override {
    skipped.push_back(report.skipped);
    images.push_back(report.images);
  }
  void warned(int64_t, const std::string& text) override { warnings.push_back(text); }
};

/// Trains in fp32 with loss scaling until `stop_at` steps are done; returns the bytes of the last checkpoint.
std::string train_scaled(TinyTraining& training, const Checkpoint& from, int64_t stop_at, StepLog& steps) {
  Execution execution = choose_execution("cpu", Precision::fp32);
  execution.scales_loss = true;
  std::string saved;
  Trainer trainer(
      training.config(), training.data(), execution, steps,
      [&](const Checkpoint& checkpoint, const TrainingState&) { saved = to_bytes(checkpoint); }, start_run_clock());
  trainer.restore(from);
  trainer.run([&] { return trainer.state().step >= stop_at; });
  return saved;
}

/// Initial checkpoint of a training, with this loss scale.
Checkpoint checkpoint_with_scale(TinyTraining& training, double loss_scale) {
  StepLog steps;
  Trainer trainer(
      training.config(), training.data(), choose_execution("cpu", Precision::fp32), steps,
      [](const Checkpoint&, const TrainingState&) {}, start_run_clock());
  Checkpoint checkpoint = checkpoint_from_bytes(to_bytes(trainer.checkpoint()), "test");
  checkpoint.state["loss_scale"] = loss_scale;
  return checkpoint;
}

TEST(LossScaling, OverflowsAreSkippedUntilTheScaleFitsAndResumeExactly) {
  TinyTraining training({"train.precision=fp32"});
  const double initial_scale = std::ldexp(1.0, 129);
  const Checkpoint start = checkpoint_with_scale(training, initial_scale);
  StepLog steps;
  const std::string uninterrupted = train_scaled(training, start, 12, steps);
  const auto overflows = static_cast<int>(
      std::count_if(steps.skipped.begin(), steps.skipped.end(), [](const auto& why) { return !why.empty(); }));
  EXPECT_GT(overflows, 0);
  EXPECT_LT(overflows, 12);
  EXPECT_TRUE(steps.warnings.empty()) << steps.warnings[0];
  const TrainingState end = training_state_from_json(checkpoint_from_bytes(uninterrupted, "test").state);
  EXPECT_EQ(end.loss_scaler.scale, std::ldexp(initial_scale, -overflows));
  EXPECT_EQ(end.nonfinite.skipped_in_a_row, 0);
  for (int64_t stop = 1; stop < 12; ++stop) {
    const auto middle = checkpoint_from_bytes(train_scaled(training, start, stop, steps), "test");
    EXPECT_TRUE(train_scaled(training, middle, 12, steps) == uninterrupted) << "stopped after step " << stop;
  }
}

TEST(LossScaling, WithoutAnOverflowChangesNothing) {
  TinyTraining training({"train.precision=fp32"});
  StepLog steps;
  const auto scaled =
      checkpoint_from_bytes(train_scaled(training, checkpoint_with_scale(training, 1024), 8, steps), "scaled");
  const auto plain = checkpoint_from_bytes(training.run("", 8).checkpoint, "plain");
  for (const auto& [name, tensor] : plain.weights) EXPECT_TRUE(torch::equal(tensor, scaled.weights.at(name))) << name;
}

TEST(LossScaling, NonfiniteGradientsAtScale1AreAFault) {
  TinyTraining training({"train.precision=fp32"});
  Checkpoint start = checkpoint_with_scale(training, 2);
  start.weights.at("head.weight").view(-1)[0] = std::numeric_limits<float>::quiet_NaN();
  StepLog steps;
  const std::string text = error_text(ErrorKind::not_finite, [&] { train_scaled(training, start, 12, steps); });
  EXPECT_TRUE(contains(text, "step 2: the loss is nan")) << text;
  ASSERT_EQ(steps.skipped.size(), 1u) << "the first one may have been an overflow";
  EXPECT_EQ(steps.images[0], 4) << "both micro-batches are skipped and not repeated";
}

TEST(LossScaling, DoesNotChangeTheRangeTest) {
  TinyTraining training({"train.precision=fp32"});
  const auto losses = [&](bool scales_loss) {
    Execution execution = choose_execution("cpu", Precision::fp32);
    execution.scales_loss = scales_loss;
    LrFinder finder(training.config(), training.data(), execution);
    return finder.run([] { return false; }, [](double) {})->loss;
  };
  EXPECT_EQ(losses(true), losses(false));
}

}  // namespace
}  // namespace unet
