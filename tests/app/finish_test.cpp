// Trainings that end earlier or later than planned, and validations of a part of the images.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "configs/schema/duration.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/tiny_training.h"

namespace unet {
namespace {

std::vector<std::string> both(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

TrainingState state_of(const std::string& checkpoint) {
  return training_state_from_json(checkpoint_from_bytes(checkpoint, "test").state);
}

/// Learning rates by step, from the records.
std::map<int64_t, double> learning_rates(const std::vector<std::string>& records) {
  std::map<int64_t, double> rates;
  for (const std::string& record : records) {
    long step = 0;
    double lr = 0;
    if (std::sscanf(record.c_str(), "step %ld loss %*f lr %lf", &step, &lr) == 2) rates[step] = lr;
  }
  return rates;
}

void finish_half(Trainer& trainer) { ASSERT_TRUE(trainer.finish(0.5)); }

TEST(Finish, TheLearningRateFallsFromItsValueToZeroAndTheRunIsFinished) {
  TinyTraining training;
  const auto stopped = training.run("", 12);
  const auto finished = training.run(stopped.checkpoint, 1000, finish_half);
  EXPECT_EQ(finished.end, TrainingEnd::finished);
  const TrainingState state = state_of(finished.checkpoint);
  EXPECT_EQ(state.step, 18);
  EXPECT_FALSE(state.validation_due) << "the last step is validated";
  const double last = learning_rates(stopped.records).at(12);
  const auto rates = learning_rates(finished.records);
  ASSERT_EQ(rates.size(), 6u);
  for (int64_t step = 13; step <= 18; ++step)
    EXPECT_NEAR(rates.at(step), last * static_cast<double>(19 - step) / 6, 1e-3 * last) << step;
}

TEST(Finish, AnInterruptionAtAnyStepChangesNothing) {
  TinyTraining training({"train.schedule=one_cycle"});
  const auto stopped = training.run("", 10);
  const auto uninterrupted = training.run(stopped.checkpoint, 1000, finish_half);
  for (const int64_t stop : {11, 13}) {
    const auto first = training.run(stopped.checkpoint, stop, finish_half);
    ASSERT_EQ(first.end, TrainingEnd::interrupted);
    const auto second = training.run(first.checkpoint);
    EXPECT_EQ(both(first.records, second.records), uninterrupted.records) << stop;
    EXPECT_TRUE(second.checkpoint == uninterrupted.checkpoint) << stop;
  }
  const auto first = training.run(stopped.checkpoint, 12, finish_half);
  const auto second = training.run(first.checkpoint, 1000, finish_half);
  EXPECT_TRUE(second.checkpoint == uninterrupted.checkpoint) << "finishing it again continues";
}

TEST(Finish, IsSavedBeforeTheNextStep) {
  TinyTraining training;
  const auto stopped = training.run("", 12);
  std::string saved;
  training.run(stopped.checkpoint, 0, [&](Trainer& trainer) {
    finish_half(trainer);
    saved = to_bytes(trainer.checkpoint());
  });
  EXPECT_EQ(state_of(saved).transition.to_step, 18);
}

TEST(Finish, ATrainingThatStoppedEarlyOrHadAConstantRateCanBeFinished) {
  TinyTraining early({"train.early_stopping_patience=1", "train.lr=1e-12", "train.ema_decay=0", "train.epochs=100"});
  const auto stopped = early.run();
  ASSERT_EQ(stopped.end, TrainingEnd::stopped_early);
  const int64_t steps = state_of(stopped.checkpoint).step;
  const auto finished = early.run(stopped.checkpoint, 1000, finish_half);
  EXPECT_EQ(finished.end, TrainingEnd::finished);
  EXPECT_EQ(state_of(finished.checkpoint).step, steps + (steps + 1) / 2);
  TinyTraining constant({"train.schedule=constant", "train.epochs=2"});
  const auto done = constant.run();
  EXPECT_EQ(state_of(constant.run(done.checkpoint, 1000, finish_half).checkpoint).step, 12);
}

TEST(Finish, AFinishedRunStaysAsItIs) {
  TinyTraining training({"train.epochs=2", "train.schedule={name: poly, power: 4}"});
  const auto done = training.run();
  bool finishes = true;
  const auto after = training.run(done.checkpoint, 1000, [&](Trainer& trainer) { finishes = trainer.finish(0.5); });
  EXPECT_FALSE(finishes) << "its learning rate is low already";
  EXPECT_TRUE(after.records.empty());
}

TEST(Finish, ARunIsFinishedOnlyOnce) {
  TinyTraining training({"train.schedule=constant", "train.epochs=1"});
  const auto finished = training.run(training.run().checkpoint, 1000, finish_half);
  ASSERT_EQ(state_of(finished.checkpoint).step, 6);
  training.run(finished.checkpoint, 1000, [](Trainer& trainer) { EXPECT_FALSE(trainer.finish(0.5)); });
}

TEST(Finish, NeedsAStep) {
  TinyTraining training;
  training.run("", 1, [](Trainer& trainer) {
    EXPECT_TRUE(contains(error_text(ErrorKind::usage, [&] { trainer.finish(0.5); }), "no step was trained yet"));
  });
}

/// A training with time budgets, on a clock that ticks once per step.
struct TimedTraining {
  explicit TimedTraining(const std::vector<std::string>& settings = {})
      : training(both({"train.schedule={name: poly, power: 1}", "train.warmup_steps=0"}, settings)) {
    training.clock = [this] { return trainer == nullptr ? 0.0 : static_cast<double>(trainer->state().step); };
  }

  /// Trains until the budget is over, or continues from a checkpoint, with another budget or the same.
  TinyTraining::Result run(const std::string& from, const std::string& budget, int64_t stop_at = 1000) {
    training.config().train.time_budget = Duration{budget, *parse_duration(budget)};
    const auto result = training.run(from, stop_at, [&](Trainer& running) {
      trainer = &running;
      if (from.empty()) return;
      const Config before = stored_config(checkpoint_from_bytes(from, "test").config, "test");
      const auto& then = before.train.time_budget;
      if (!then || then->text != budget) running.change_time_budget(before.train);
    });
    trainer = nullptr;
    return result;
  }

  Trainer* trainer = nullptr;
  TinyTraining training;
};

TEST(Lengthen, AFinishedRunContinuesWithItsLearningRateAndEndsWithTheNewTime) {
  TimedTraining timed;
  const auto first = timed.run("", "20s");
  ASSERT_EQ(state_of(first.checkpoint).step, 20);
  const auto second = timed.run(first.checkpoint, "40s");
  EXPECT_EQ(second.end, TrainingEnd::finished);
  EXPECT_EQ(state_of(second.checkpoint).step, 40);
  const double last = learning_rates(first.records).at(20), peak = timed.training.config().train.lr;
  const auto rates = learning_rates(second.records);
  EXPECT_NEAR(rates.at(21), last, 1e-5 * peak) << "no jump";
  EXPECT_NEAR(rates.at(22), (last + peak * (1 - 21.0 / 40)) / 2, 1e-5 * peak) << "half way to the schedule";
  EXPECT_NEAR(rates.at(23), peak * (1 - 22.0 / 40), 1e-5 * peak) << "the schedule of 40 steps";
  EXPECT_NEAR(rates.at(40), peak / 40, 1e-5 * peak);
}

TEST(Lengthen, AnUnfinishedRunTakesAnotherTime) {
  TimedTraining timed;
  const auto stopped = timed.run("", "30s", 12);
  EXPECT_EQ(state_of(timed.run(stopped.checkpoint, "40s").checkpoint).step, 40);
  EXPECT_EQ(state_of(timed.run(stopped.checkpoint, "20s").checkpoint).step, 20) << "a shorter one as well";
}

TEST(Lengthen, ATrainingByEpochsContinuesByTime) {
  TimedTraining timed({"train.epochs=3"});
  const auto done = timed.training.run();
  ASSERT_EQ(state_of(done.checkpoint).step, 12);
  const auto lengthened = timed.run(done.checkpoint, "20s");
  EXPECT_EQ(state_of(lengthened.checkpoint).step, 20);
  EXPECT_NEAR(learning_rates(lengthened.records).at(13), learning_rates(done.records).at(12), 1e-8);
}

TEST(Lengthen, AnInterruptionAtAnyStepChangesNothing) {
  TimedTraining timed;
  const auto first = timed.run("", "20s");
  const auto uninterrupted = timed.run(first.checkpoint, "40s");
  for (const int64_t stop : {21, 22, 29, 35}) {
    const auto begun = timed.run(first.checkpoint, "40s", stop);
    ASSERT_EQ(begun.end, TrainingEnd::interrupted);
    const auto resumed = timed.run(begun.checkpoint, "40s");
    EXPECT_EQ(both(begun.records, resumed.records), uninterrupted.records) << stop;
    EXPECT_TRUE(resumed.checkpoint == uninterrupted.checkpoint) << stop;
  }
}

TEST(ValidationShare, ChoosesTheDistanceOfTheValidations) {
  TimedTraining timed({"train.validate_every_steps=auto", "train.time_budget=60s", "train.validation_share=0.05"});
  const auto records = timed.run("", "60s").records;
  const auto validations = std::count_if(records.begin(), records.end(),
                                         [](const auto& record) { return record.rfind("validation", 0) == 0; });
  EXPECT_GE(validations, 15);
  EXPECT_LE(validations, 24);
  EXPECT_EQ(records.back().rfind("validation 60 ", 0), 0u) << records.back();
}

/// Dice by step of the validations.
std::map<int64_t, double> validation_scores(const std::vector<std::string>& records) {
  std::map<int64_t, double> scores;
  for (const std::string& record : records) {
    long step = 0;
    double dice = 0;
    if (std::sscanf(record.c_str(), "validation %ld train loss %*f dice %lf", &step, &dice) == 2) scores[step] = dice;
  }
  return scores;
}

/// The record of a comparison.
struct Comparison {
  explicit Comparison(const std::string& record) {
    const int read = std::sscanf(record.c_str(), "comparison %ld last %lf earlier %ld %lf best %d", &step, &last,
                                 &earlier_step, &earlier, &is_last_best);
    EXPECT_EQ(read, 5) << record;
  }
  long step = 0, earlier_step = 0;
  double last = 0, earlier = 0;
  int is_last_best = 0;
};

const std::vector<std::string> kByDice{"train.best_by=mean_dice", "train.epochs=4"};

TEST(ValidateImages, TheLastAndTheBestCheckpointAreComparedOnAllImages) {
  for (const char* seed : {"train.seed=0", "train.seed=1"}) {
    TinyTraining on_all(both(kByDice, {seed}));
    TinyTraining on_one(both(kByDice, {seed, "train.validate_images=1"}));
    const auto expected = validation_scores(on_all.run().records);
    const auto result = on_one.run();
    EXPECT_NE(validation_scores(result.records), expected) << "one of two images has other scores";
    const Comparison comparison(result.records.back());
    EXPECT_NEAR(comparison.last, expected.rbegin()->second, 1e-5);
    EXPECT_NEAR(comparison.earlier, expected.at(comparison.earlier_step), 1e-5);
    EXPECT_EQ(comparison.is_last_best == 1, comparison.last >= comparison.earlier);
    const Checkpoint checkpoint = checkpoint_from_bytes(result.checkpoint, "test");
    const TrainingState state = training_state_from_json(checkpoint.state);
    EXPECT_EQ(state.early_stopping.best_step, comparison.is_last_best == 1 ? comparison.step : comparison.earlier_step);
    EXPECT_NEAR(state.validation.compared_score, std::max(comparison.last, comparison.earlier), 1e-5);
    EXPECT_NEAR(checkpoint.scores.at("mean_dice").get<double>(), comparison.last, 1e-5);
  }
}

TEST(ValidateImages, ChangesNothingInTheTrainingItself) {
  const auto on_all = checkpoint_from_bytes(TinyTraining(kByDice).run().checkpoint, "all").weights;
  const auto on_one =
      checkpoint_from_bytes(TinyTraining(both(kByDice, {"train.validate_images=1"})).run().checkpoint, "two").weights;
  for (const auto& [name, tensor] : on_all) EXPECT_TRUE(torch::equal(tensor, on_one.at(name))) << name;
}

TEST(ValidateImages, AnInterruptionBeforeTheComparisonChangesNothing) {
  TinyTraining training(both(kByDice, {"train.validate_images=1"}));
  const auto uninterrupted = training.run();
  const auto stopped = training.run("", static_cast<int64_t>(state_of(uninterrupted.checkpoint).step));
  EXPECT_EQ(stopped.end, TrainingEnd::interrupted);
  const auto resumed = training.run(stopped.checkpoint);
  EXPECT_EQ(both(stopped.records, resumed.records), uninterrupted.records);
  EXPECT_TRUE(resumed.checkpoint == uninterrupted.checkpoint);
}

TEST(ValidateImages, AtTheSameScoreOrWithoutAReadableBestTheLastCheckpointIsTheBest) {
  TinyTraining training(
      both(kByDice, {"train.validate_images=1", "train.lr=1e-12", "train.ema_decay=0", "model.norm=none"}));
  const auto result = training.run();
  const Comparison same(result.records.back());
  EXPECT_EQ(same.earlier_step, 7);
  EXPECT_EQ(same.last, same.earlier);
  EXPECT_EQ(same.is_last_best, 1);
  const auto stopped = training.run("", same.step);
  training.best = "damaged";
  const auto resumed = training.run(stopped.checkpoint);
  EXPECT_EQ(state_of(resumed.checkpoint).early_stopping.best_step, same.step);
}

}  // namespace
}  // namespace unet
