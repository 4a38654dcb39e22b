// Parts of a training that make decisions between steps.

#include "app/training/training_parts.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "configs/schema/reader.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

TEST(EarlyStopping, StopsAfterItsPatience) {
  TrainOptions options;
  options.early_stopping_patience = 2;
  EarlyStopping stopping(options);
  int64_t step = 0;
  for (const double score : {0.1, 0.3, 0.3, 0.4, 0.2}) {
    stopping.validated(score, step += 10);
    EXPECT_FALSE(stopping.stops()) << "after step " << step;
  }
  EXPECT_EQ(stopping.state().best_score, 0.4);
  EXPECT_EQ(stopping.state().best_step, 40);
  stopping.validated(0.4, 60);  // an equal score is no gain
  EXPECT_TRUE(stopping.stops());
  EXPECT_EQ(stopping.state().validations_without_gain, 2);
}

TEST(EarlyStopping, WithoutPatienceItOnlyRemembersTheBest) {
  EarlyStopping stopping{TrainOptions()};
  for (int64_t step = 1; step <= 100; ++step) stopping.validated(step == 3 ? 0.5 : 0, step);
  EXPECT_FALSE(stopping.stops());
  EXPECT_EQ(stopping.state().best_step, 3);
}

TEST(EarlyStopping, TakesTheSmallestOfNegatedDistancesFromTheFirstOn) {
  TrainOptions options;
  options.best_by = "mean_hausdorff_95";
  EarlyStopping stopping(options);
  int64_t step = 0;
  for (const double distance : {40.0, 12.0, 15.0}) stopping.validated(-distance, step += 10);
  EXPECT_EQ(stopping.state().best_score, -12);
  EXPECT_EQ(stopping.state().best_step, 20);
  const auto json = to_json(TrainingParts(options, 10, /*scales_loss=*/false).state({}));
  EXPECT_EQ(training_state_from_json(nlohmann::json::parse(json.dump())).early_stopping.best_score,
            worst_comparable_score("mean_hausdorff_95"));
}

TEST(LearningRate, ThePlateauOfADistanceIsItsMinimum) {
  TrainOptions options;
  read_options(parse_yaml("{best_by: mean_hausdorff_95, schedule: {name: plateau, patience: 0, gamma: 0.5}}", "test"),
               options);
  LearningRate rate(options);
  for (const double distance : {40.0, 12.0}) rate.validated(-distance);
  EXPECT_EQ(rate.state().factor, 1);
  rate.validated(-13);
  EXPECT_EQ(rate.state().factor, 0.5);
}

TEST(NonFiniteGuard, StopsAtOnceUnlessStepsMayBeSkipped) {
  NonFiniteGuard guard{TrainOptions()};
  const std::string text = error_text(ErrorKind::not_finite, [&] { guard.skip(7, "the loss is nan"); });
  EXPECT_EQ(text.rfind("step 7: the loss is nan", 0), 0u) << text;
  EXPECT_TRUE(contains(text, "--set train.nonfinite=skip")) << text;
}

TEST(NonFiniteGuard, StopsAfterTooManySkippedStepsInARow) {
  TrainOptions options;
  read_options(parse_yaml("{nonfinite: skip, nonfinite_limit: 2}", "test"), options);
  NonFiniteGuard guard(options);
  guard.skip(1, "the loss is nan");
  guard.skip(2, "the loss is nan");
  guard.succeeded();
  EXPECT_EQ(guard.state().skipped_in_a_row, 0);
  EXPECT_EQ(guard.skip(4, "the loss is inf").rfind("step 4 ", 0), 0u);
  guard.skip(5, "the loss is inf");
  const std::string text = error_text(ErrorKind::not_finite, [&] { guard.skip(6, "the loss is inf"); });
  EXPECT_EQ(text.rfind("step 6: the loss is inf", 0), 0u) << text;
  EXPECT_TRUE(contains(text, "train.nonfinite_limit")) << text;
}

TEST(MicroBatchSplitter, HalvesDownToASingleSample) {
  TrainOptions options;
  read_options(parse_yaml("{out_of_memory: halve, batch_size: 5}", "test"), options);
  MicroBatchSplitter splitter(options);
  EXPECT_TRUE(splitter.split());
  EXPECT_EQ(splitter.parts(), 2);
  EXPECT_EQ(splitter.warning(3).rfind("step 3: out of memory", 0), 0u);
  EXPECT_TRUE(contains(splitter.warning(3), "at most 3 samples"));
  EXPECT_TRUE(splitter.split());
  EXPECT_EQ(splitter.parts(), 4);
  EXPECT_FALSE(splitter.split()) << "more parts than samples";
  EXPECT_EQ(splitter.parts(), 4);
}

TEST(MicroBatchSplitter, DoesNotSplitUnlessHalvingIsAllowed) {
  MicroBatchSplitter splitter{TrainOptions()};
  EXPECT_FALSE(splitter.split());
  EXPECT_EQ(splitter.parts(), 1);
}

TEST(WeightAveraging, GivesTheDecaysOfAPlainMeanFromItsStart) {
  TrainOptions options;
  options.swa_start = 0.5;
  WeightAveraging averaging(options);
  const std::vector<double> expected{0, 0, 0, 1.0 / 2, 2.0 / 3};
  for (int64_t step = 1; step <= 5; ++step) {
    EXPECT_DOUBLE_EQ(averaging.decay(step, 6), expected[static_cast<size_t>(step - 1)]) << step;
    averaging.updated(step, 6);
  }
  EXPECT_EQ(averaging.state().averaged, 3);
  EXPECT_TRUE(averaging.needs_norm_statistics());
}

TEST(WeightAveraging, AnExponentialMeanNeedsNoState) {
  TrainOptions options;
  options.ema_decay = 0.9;
  WeightAveraging averaging(options);
  EXPECT_DOUBLE_EQ(averaging.decay(0, 100), 2.0 / 11);
  EXPECT_DOUBLE_EQ(averaging.decay(1000, 2000), 0.9);
  EXPECT_FALSE(averaging.needs_norm_statistics());
}

TEST(TimeBudget, WithoutABudgetTheEpochsDecide) {
  TrainOptions options;
  options.epochs = 3;
  TimeBudget budget(options, 7);
  for (int i = 0; i < 100; ++i) budget.pace().stepped(1);
  EXPECT_EQ(budget.total_steps(), 21);
  EXPECT_EQ(budget.plans_due(20, 1e6, 0), 0);
}

TEST(TrainingParts, StateAndRestoreAreInverse) {
  TrainOptions options;
  TrainingParts parts(options, 10, /*scales_loss=*/true);
  TrainingState state;
  state.step = 5;
  state.plateau.factor = 0.5;
  state.early_stopping.best_score = 0.25;
  state.averaging.averaged = 2;
  state.nonfinite.skipped_in_a_row = 3;
  state.splitter.parts = 4;
  state.time_budget.planned_steps = 6;
  state.loss_scaler.scale = 8;
  state.transition.to_step = 9;
  state.validation.images = 10;
  parts.restore(state);
  EXPECT_EQ(to_json(parts.state(state)), to_json(state));
}

}  // namespace
}  // namespace unet
