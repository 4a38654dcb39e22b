#include "app/training/time_plan.h"

#include <gtest/gtest.h>

namespace unet {
namespace {

constexpr double kStepSeconds = 0.5, kValidationSeconds = 4;

/// Simulates a training with steps and validations of these durations; returns the time at its end.
double simulate_training(double budget, double step_seconds, double validation_seconds, int64_t validate_every,
                         int64_t& plans) {
  const TimePlan plan(budget, validate_every);
  Pace pace;
  double elapsed = 3;  // reading the data
  int64_t total = 1000;
  plans = 0;
  for (int64_t step = 1; step <= total; ++step) {
    elapsed += step_seconds;
    pace.stepped(step_seconds);
    const int64_t due = plan.plans_due(plans, elapsed, static_cast<double>(step) / static_cast<double>(total), pace);
    if (due != plans && step < total) {
      plans = due;
      total = plan.total_steps(step, elapsed, pace);
    }
    if (step % validate_every == 0 || step == total) {
      elapsed += validation_seconds;
      pace.validated(validation_seconds);
    }
  }
  return elapsed;
}

TEST(TimePlan, ASteadyTrainingEndsWithinAStepOfItsTime) {
  int64_t plans = 0;
  const double end = simulate_training(600, kStepSeconds, kValidationSeconds, 50, plans);
  EXPECT_LE(end, 600);
  EXPECT_GT(end, 600 - kStepSeconds - kValidationSeconds);
  EXPECT_EQ(plans, 7);
}

TEST(TimePlan, LongValidationsAreCounted) {
  int64_t plans = 0;
  const double end = simulate_training(600, 0.1, 60, 500, plans);
  EXPECT_LE(end, 600);
  EXPECT_GT(end, 600 * 0.85);  // another validation would not fit
}

TEST(TimePlan, AnExpectedValidationIsCounted) {
  Pace pace;
  for (int i = 0; i < 10; ++i) pace.stepped(1);
  pace.expect_validation(20);
  EXPECT_FALSE(pace.has_validated());
  EXPECT_EQ(TimePlan(100, 1000).total_steps(10, 10, pace), 10 + 70);
}

TEST(TimePlan, NothingIsPlannedBeforeThePaceIsKnown) {
  Pace pace;
  const TimePlan plan(600, 50);
  EXPECT_EQ(plan.plans_due(0, 1, 0, pace), 0);
  for (int i = 0; i < 6; ++i) pace.stepped(kStepSeconds);
  EXPECT_EQ(plan.plans_due(0, 4, 0, pace), 0) << "the first two do not count";
  pace.stepped(kStepSeconds);
  EXPECT_EQ(plan.plans_due(0, 4, 0, pace), 1);
  EXPECT_EQ(pace.step_seconds(), kStepSeconds);
}

TEST(TimePlan, AnExpiredBudgetEndsTheTrainingAtOnce) {
  Pace pace;
  for (int i = 0; i < 10; ++i) pace.stepped(kStepSeconds);
  EXPECT_EQ(TimePlan(60, 50).total_steps(77, 61, pace), 77);
}

TEST(TimePlan, StepsFasterThanPlannedTriggerANewPlan) {
  Pace pace;
  for (int i = 0; i < 10; ++i) pace.stepped(kStepSeconds);
  const TimePlan plan(600, 50);
  EXPECT_EQ(plan.plans_due(1, 10, 0.1, pace), 1);
  EXPECT_EQ(plan.plans_due(1, 10, 0.92, pace), 6);
}

TEST(TimePlan, ASlowdownReducesTheSteps) {
  const TimePlan plan(600, 1000);
  Pace pace;
  for (int i = 0; i < 100; ++i) pace.stepped(kStepSeconds);
  const int64_t before = plan.total_steps(100, 60, pace);
  for (int i = 0; i < 200; ++i) pace.stepped(2 * kStepSeconds);
  EXPECT_LT(plan.total_steps(300, 260, pace), before);
}

}  // namespace
}  // namespace unet
