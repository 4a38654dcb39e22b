// Failing steps, weight averaging, time budgets and saving in a training.

#include <gtest/gtest.h>
#include <torch/nn.h>

#include <limits>
#include <new>

#include "tests/support/error_text.h"
#include "tests/support/tiny_training.h"

namespace unet {
namespace {

struct RecordingObserver : TrainingObserver {
  std::vector<std::string> warnings;
  std::vector<int64_t> plans;
  int64_t validations = 0;
  double last_lr = 0;
  double seconds = 0;  // a clock that advances by one in each step
  std::function<void()> on_step = [] {};
  void stepped(const StepReport& report) override {
    last_lr = report.lr;
    seconds += 1;
    on_step();
  }
  void warned(int64_t step, const std::string& text) override { warnings.push_back(concat(step, "|", text)); }
  void planned(const TrainingState& state, double) override { plans.push_back(state.time_budget.planned_steps); }
  void validated(const ValidationReport&) override { ++validations; }
};

bool never() { return false; }

/// A trainer with a hook on the gradient of the head's bias.
struct HookedTraining {
  explicit HookedTraining(TinyTraining& training, double earlier_seconds = 0)
      : trainer(
            training.config(), training.data(), choose_execution("cpu", Precision::fp32), observer,
            [&](const Checkpoint& checkpoint, const TrainingState&) { saved = checkpoint; },
            [this, earlier_seconds] { return earlier_seconds + observer.seconds; }) {}

  void on_gradient(const std::function<torch::Tensor(const torch::Tensor&)>& hook) {
    trainer.network().named_parameters()["head.bias"].register_hook(hook);
  }

  RecordingObserver observer;
  Checkpoint saved;
  Trainer trainer;
};

TEST(Nonfinite, ASkippedStepKeepsWeightsAndStatistics) {
  TinyTraining training({"train.nonfinite=skip", "train.accumulate=1"});
  HookedTraining hooked(training);
  int64_t backward = 0;
  TensorMap before;
  hooked.on_gradient([&](const torch::Tensor& gradient) {
    if (++backward != 3) return gradient;
    before = cloned(weights_of(hooked.trainer.network()));
    return gradient / 0;
  });
  hooked.trainer.run([&] { return hooked.trainer.state().step == 3; });
  const TensorMap after = weights_of(hooked.trainer.network());
  for (const auto& [name, tensor] : before) {
    const bool is_statistic = name.find("running") != std::string::npos || name.find("tracked") != std::string::npos;
    EXPECT_TRUE(is_statistic || torch::equal(tensor, after.at(name))) << name;
  }
  EXPECT_EQ(after.at("encoder.0.norm1.num_batches_tracked").item<int64_t>(), 2)
      << "the statistics of the skipped step are rolled back";
  ASSERT_EQ(hooked.observer.warnings.size(), 1u);
  EXPECT_EQ(hooked.observer.warnings[0].rfind("3|step 3 is skipped: the gradient is not finite in head.bias", 0), 0u)
      << hooked.observer.warnings[0];
  EXPECT_NE(hooked.observer.warnings[0].find(".png"), std::string::npos) << "the batch's files are named";
}

TEST(Nonfinite, TooManySkippedStepsInARowStopTheTraining) {
  TinyTraining training({"train.nonfinite=skip", "train.nonfinite_limit=2"});
  HookedTraining hooked(training);
  hooked.on_gradient([](const torch::Tensor& gradient) { return gradient / 0; });
  const std::string text = error_text(ErrorKind::not_finite, [&] { hooked.trainer.run(never); });
  EXPECT_EQ(text.rfind("step 3: ", 0), 0u) << text;
  EXPECT_NE(text.find("after 2 consecutive skipped steps"), std::string::npos) << text;
}

TEST(Nonfinite, OccasionalSkippedStepsDoNotAddUp) {
  TinyTraining training({"train.nonfinite=skip", "train.nonfinite_limit=1", "train.accumulate=1", "train.epochs=1"});
  HookedTraining hooked(training);
  int64_t backward = 0;
  hooked.on_gradient([&](const torch::Tensor& gradient) { return ++backward % 2 == 0 ? gradient / 0 : gradient; });
  EXPECT_EQ(hooked.trainer.run(never), TrainingEnd::finished);
  EXPECT_EQ(hooked.observer.warnings.size(), 4u);  // half of 8 steps
}

TEST(OutOfMemory, HalvesTheMicroBatchAndContinues) {
  TinyTraining training({"train.out_of_memory=halve", "train.batch_size=4", "train.accumulate=1"});
  HookedTraining hooked(training);
  int64_t backward = 0;
  hooked.on_gradient([&](const torch::Tensor& gradient) {
    if (++backward <= 2) throw std::bad_alloc();
    return gradient;
  });
  hooked.trainer.run([&] { return hooked.trainer.state().step == 2; });
  EXPECT_EQ(hooked.trainer.state().splitter.parts, 4);
  EXPECT_EQ(backward, 2 + 2 * 4);
  ASSERT_EQ(hooked.observer.warnings.size(), 2u);
  EXPECT_NE(hooked.observer.warnings[1].find("at most 1 sample is computed at once"), std::string::npos);
  EXPECT_EQ(training_state_from_json(hooked.saved.state).splitter.parts, 4) << "a resumed run keeps the parts";
}

TEST(OutOfMemory, StopsIfASingleSampleDoesNotFitOrHalvingIsOff) {
  for (const char* policy : {"halve", "stop"}) {
    TinyTraining training({std::string("train.out_of_memory=") + policy});
    HookedTraining hooked(training);
    hooked.on_gradient([](const torch::Tensor&) -> torch::Tensor { throw std::bad_alloc(); });
    EXPECT_THROW(hooked.trainer.run(never), std::bad_alloc) << policy;
  }
}

TEST(OutOfMemory, PartsHaveTheGradientOfTheWholeBatch) {
  const std::vector<std::string> plain{"model.norm=none",
                                       "model.dropout=0",
                                       "train.batch_size=4",
                                       "train.accumulate=1",
                                       "loss.terms=[{name: cross_entropy}]",
                                       "train.optimizer={name: sgd, momentum: 0, nesterov: false}",
                                       "train.clip_grad_norm=0",
                                       "train.ema_decay=0",
                                       "train.out_of_memory=halve"};
  TinyTraining training(plain);
  const auto weights_after_a_step = [&](int64_t failures) {
    HookedTraining hooked(training);
    hooked.on_gradient([failures](const torch::Tensor& gradient) mutable {
      if (failures-- > 0) throw std::bad_alloc();
      return gradient;
    });
    hooked.trainer.run([] { return true; });
    return cloned(weights_of(hooked.trainer.network()));
  };
  const TensorMap full_batch = weights_after_a_step(0), in_parts = weights_after_a_step(1);
  for (const auto& [name, tensor] : full_batch)
    EXPECT_TRUE(torch::allclose(tensor, in_parts.at(name), 1e-4, 1e-6)) << name;
}

TEST(Swa, AveragesTheWeightsEvenlyFromItsStart) {
  TinyTraining training(
      {"train.ema_decay=0", "train.swa_start=0.5", "train.validate_every_steps=1000", "train.epochs=2"});  // 8 steps
  HookedTraining hooked(training);
  std::vector<torch::Tensor> after;
  hooked.observer.on_step = [&] { after.push_back(weights_of(hooked.trainer.network()).at("head.weight").clone()); };
  hooked.trainer.run(never);
  ASSERT_EQ(after.size(), 8u);
  const auto mean = (after[4] + after[5] + after[6] + after[7]) / 4;
  EXPECT_TRUE(torch::allclose(hooked.saved.ema.at("head.weight"), mean, 1e-5, 1e-7));
  EXPECT_EQ(training_state_from_json(hooked.saved.state).averaging.averaged, 4);
}

TEST(Swa, BatchNormStatisticsAreThoseOfTheAveragedNetwork) {
  TinyTraining training({"train.ema_decay=0", "train.swa_start=0.5", "train.validate_every_steps=1000",
                         "train.epochs=2", "model.dropout=0", "train.precision=fp32"});
  HookedTraining hooked(training);
  hooked.trainer.run(never);
  const TensorMap& averaged = hooked.saved.ema;
  load_weights(hooked.trainer.network(), averaged, "test");
  const auto& config = training.config();
  const Preprocessing preprocessing(config.data);
  TrainingSet set(training.data().train, config.data, config.augment, static_cast<uint64_t>(config.train.seed));
  Loader loader(set, {config.train.batch_size, 0, 1, 0, 1}, /*epoch=*/2);  // the epoch after the last one
  auto* conv = hooked.trainer.network().named_modules()["encoder.0.conv1"]->as<torch::nn::Conv2d>();
  torch::NoGradGuard no_grad;
  torch::Tensor sum;
  int64_t batches = 0;
  for (; auto batch = loader.next(); ++batches) {
    const auto mean = conv->forward(batch->images).mean({0, 2, 3});
    sum = sum.defined() ? sum + mean : mean;
  }
  EXPECT_TRUE(torch::allclose(averaged.at("encoder.0.norm1.running_mean"), sum / batches, 1e-3, 1e-5));
  EXPECT_EQ(averaged.at("encoder.0.norm1.num_batches_tracked").item<int64_t>(), batches);
}

TEST(TimeBudget, TheScheduleEndsWithTheTime) {
  TinyTraining training({"train.time_budget=100s", "train.schedule={name: poly, power: 1}", "train.warmup_steps=0"});
  HookedTraining hooked(training);
  EXPECT_EQ(hooked.trainer.run(never), TrainingEnd::finished);
  EXPECT_EQ(hooked.trainer.state().step, 100);
  EXPECT_LT(hooked.observer.last_lr, 0.02 * training.config().train.lr);
  EXPECT_GE(hooked.observer.plans.size(), 5u);
  EXPECT_EQ(hooked.trainer.state().step, hooked.trainer.total_steps());
}

TEST(TimeBudget, AResumedRunKeepsItsPlan) {
  TinyTraining training({"train.time_budget=100s"});
  HookedTraining first(training);
  first.trainer.run([&] { return first.trainer.state().step == 12; });
  const int64_t planned = first.trainer.total_steps();
  EXPECT_EQ(training_state_from_json(first.saved.state).time_budget.planned_steps, planned);
  HookedTraining second(training, 12);
  second.trainer.restore(first.saved);
  EXPECT_EQ(second.trainer.total_steps(), planned);
  second.trainer.run([&] { return true; });
  EXPECT_EQ(second.trainer.total_steps(), planned);
}

TEST(SaveEverySteps, SavesBetweenValidations) {
  TinyTraining training({"train.save_every_steps=3", "train.validate_every_steps=1000", "train.epochs=3"});
  std::vector<int64_t> steps;
  RecordingObserver observer;
  Trainer trainer(
      training.config(), training.data(), choose_execution("cpu", Precision::fp32), observer,
      [&](const Checkpoint&, const TrainingState& state) { steps.push_back(state.step); }, start_run_clock());
  trainer.run(never);
  EXPECT_EQ(steps, (std::vector<int64_t>{3, 6, 9, 12}));
}

}  // namespace
}  // namespace unet
