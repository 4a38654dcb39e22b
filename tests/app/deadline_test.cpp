// Simulates trainings with a time budget on a clock of their own: they end with their time.

#include <gtest/gtest.h>

#include <cmath>

#include "app/training/time_budget.h"
#include "app/training/validation_schedule.h"
#include "configs/schema/reader.h"
#include "data/samples/rng.h"

namespace unet {
namespace {

/// A training by the parts that decide its length, in the order in which Trainer calls them.
struct SimulatedTraining {
  std::string options;             // of train
  double step_seconds = 0.5;       // without load
  double image_seconds = 0;        // of a validation
  double other_seconds = 0.1;      // of a validation or a saved plan
  int64_t images = 0;              // validation images
  int64_t steps_per_epoch = 1000;  // validations without options of their own
  /// Factor of all times; `step` is -1 for what is no step.
  std::function<double(double now, int64_t step)> load = [](double, int64_t) { return 1.0; };

  double end = 0;
  double validating = 0;  // seconds of `end`
  int64_t validations = 0, steps = 0, plans = 0;
  bool is_compared = false;
  ValidationScheduleState chosen;

  double budget() {
    TrainOptions train;
    read_options(parse_yaml(options, "test"), train);
    return train.time_budget->seconds;
  }

  void spend(double seconds, bool validates) {
    const double loaded = seconds * load(end, -1);
    end += loaded;
    if (validates) validating += loaded;
  }

  void run() {
    TrainOptions train;
    read_options(parse_yaml(options, "test"), train);
    TimeBudget budget(train, steps_per_epoch);
    ValidationSchedule schedule(train, steps_per_epoch, images);
    Pace& pace = budget.pace();
    end = 3;  // reading the data
    while (steps < budget.total_steps()) {
      const double before = end;
      end += (steps < 2 ? 2 * step_seconds : step_seconds) * load(end, steps);
      ++steps;
      pace.stepped(end - before);
      const bool is_periodic = schedule.is_periodic(steps, steps % steps_per_epoch);
      plan(train, budget, schedule);
      if (is_periodic || steps >= budget.total_steps()) validate(pace, schedule);
    }
    is_compared = schedule.compares();
    if (is_compared) spend(2 * image_seconds * static_cast<double>(schedule.compared_images()) + other_seconds, true);
    chosen = schedule.state();
  }

  void plan(const TrainOptions& train, TimeBudget& budget, ValidationSchedule& schedule) {
    Pace& pace = budget.pace();
    const ValidationTimes times = schedule.times(pace);
    const int64_t due = budget.plans_due(steps, end, times.each_seconds + times.ending_seconds);
    if (due == budget.state().plans || steps >= budget.total_steps()) return;
    if (pace.needs_expectation() && images > 0) {
      spend(3 * image_seconds, true);
      pace.expect_validation(image_seconds * load(end, -1));
    }
    schedule.choose(train.time_budget->seconds, steps, end, pace);
    const int64_t last_periodic = budget.plan(due, steps, end, schedule.times(pace));
    schedule.end_periodic_after(last_periodic, budget.total_steps());
    spend(other_seconds, false);
    ++plans;
  }

  void validate(Pace& pace, const ValidationSchedule& schedule) {
    const double before = end;
    spend(image_seconds * static_cast<double>(schedule.images()), true);
    const double predicted = end;
    spend(other_seconds, true);
    pace.validated(predicted - before, end - predicted, schedule.images());
    ++validations;
  }
};

/// Within 3% of the time, or one step where that is more.
void expect_to_end_with_its_time(SimulatedTraining training, const std::string& what) {
  training.run();
  const double budget = training.budget();
  const double step = training.step_seconds * std::max(1.0, training.load(training.end, -1));
  EXPECT_NEAR(training.end, budget, std::max(0.03 * budget, step)) << what << ", " << training.steps << " steps";
  EXPECT_GT(training.validations, 0) << what;
  EXPECT_LE(training.plans, 16) << what << ": each plan saves a checkpoint";
}

/// Load beside the training, by name.
std::vector<std::pair<std::string, std::function<double(double, int64_t)>>> loads(double budget) {
  return {
      {"constant pace", [](double, int64_t) { return 1.0; }},
      {"half the pace from 60% on", [=](double now, int64_t) { return now < 0.6 * budget ? 1.0 : 2.0; }},
      {"half the pace from 80% on", [=](double now, int64_t) { return now < 0.8 * budget ? 1.0 : 2.0; }},
      {"twice the pace from 60% on", [=](double now, int64_t) { return now < 0.6 * budget ? 1.0 : 0.5; }},
      {"noisy pace", [](double, int64_t step) { return step < 0 ? 1 : Rng::from(1, "noise", step).uniform(0.6, 1.4); }},
      {"a load of a tenth of the time in the middle",
       [=](double now, int64_t) { return now > 0.45 * budget && now < 0.55 * budget ? 4.0 : 1.0; }}};
}

TEST(Deadline, TrainingsEndWithTheirTimeUnderEveryLoad) {
  struct Kind {
    const char* name;
    const char* options;
    double budget, step_seconds, image_seconds;
    int64_t images, steps_per_epoch;
  };
  const std::vector<Kind> kinds{
      {"an hour", "{time_budget: 60m}", 3600, 0.8, 0.05, 100, 150},
      {"four minutes", "{time_budget: 4m}", 240, 0.5, 0.02, 50, 40},
      {"four minutes, slow validation", "{time_budget: 4m}", 240, 0.5, 0.25, 40, 60},
      {"ten minutes, a validation of a minute", "{time_budget: 10m}", 600, 0.1, 1, 60, 500},
      {"four minutes, share", "{time_budget: 4m, validation_share: 0.05}", 240, 0.5, 0.05, 130, 40},
      {"thirty minutes, share, slow images", "{time_budget: 30m, validation_share: 0.05}", 1800, 2, 3, 100, 80},
      {"a minute, slow steps", "{time_budget: 60s}", 60, 3, 0, 0, 100},
      {"a minute, slow steps, share", "{time_budget: 60s, validation_share: 0.05}", 60, 3, 0.1, 20, 100}};
  for (const Kind& kind : kinds)
    for (const auto& [name, load] : loads(kind.budget)) {
      SimulatedTraining training;
      training.options = kind.options;
      training.step_seconds = kind.step_seconds;
      training.image_seconds = kind.image_seconds;
      training.images = kind.images;
      training.steps_per_epoch = kind.steps_per_epoch;
      training.load = load;
      expect_to_end_with_its_time(training, concat(kind.name, ", ", name));
    }
}

TEST(Deadline, ASteadyTrainingEndsWithinAStepOfItsTime) {
  SimulatedTraining training;
  training.options = "{time_budget: 10m, validate_every_steps: 50}";
  training.images = 10;
  training.image_seconds = 0.4;
  training.run();
  EXPECT_LE(training.end, 600);
  EXPECT_GT(training.end, 600 - 2);
}

TEST(Deadline, ValidationsTakeAtMostTheirShare) {
  for (const double image_seconds : {0.001, 0.01, 0.05, 0.3, 2.0, 10.0})
    for (const int64_t images : {4, 30, 500}) {
      SimulatedTraining training;
      training.options = "{time_budget: 20m, validation_share: 0.05}";
      training.images = images;
      training.image_seconds = image_seconds;
      training.run();
      const std::string what = concat(images, " images of ", image_seconds, " s");
      EXPECT_NEAR(training.end, 1200, 36) << what;
      // Three images are timed first, each validation takes at least one, and the comparison two.
      EXPECT_LE(training.validating, 0.052 * 1200 + 6 * image_seconds) << what;
      EXPECT_LE(training.validations, 24) << what;
      if (!training.is_compared) continue;
      EXPECT_LT(training.chosen.images, images) << what;
      EXPECT_GE(training.chosen.compared_images, training.chosen.images) << what;
    }
}

TEST(Deadline, ASmallValidationSetIsValidatedAsAWhole) {
  SimulatedTraining training;
  training.options = "{time_budget: 4m, validation_share: 0.05}";
  training.images = 10;
  training.image_seconds = 0.02;
  training.run();
  EXPECT_FALSE(training.is_compared);
  EXPECT_EQ(training.chosen.images, 10);
  EXPECT_GE(training.validations, 10);
}

TEST(Deadline, ALargerOneIsValidatedInPartAndComparedOnAll) {
  SimulatedTraining training;
  training.options = "{time_budget: 30m, validation_share: 0.05}";
  training.images = 130;
  training.image_seconds = 0.2;  // 26 s for all, of 90 s
  training.run();
  EXPECT_TRUE(training.is_compared);
  EXPECT_EQ(training.chosen.compared_images, 130);
  EXPECT_GE(training.chosen.images, 8);
  EXPECT_GE(training.validations, 5);
}

}  // namespace
}  // namespace unet
