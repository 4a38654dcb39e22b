#include "app/training/time_plan.h"

#include <gtest/gtest.h>

namespace unet {
namespace {

constexpr double kStepSeconds = 0.5;

/// A pace after `steps` measured steps.
Pace measured_pace(int64_t steps = 10, double seconds = kStepSeconds) {
  Pace pace;
  for (int64_t i = 0; i < steps + 2; ++i) pace.stepped(seconds);
  return pace;
}

TEST(Pace, TheFirstTwoStepsCountOnlyUntilAnotherWasMeasured) {
  Pace pace;
  EXPECT_FALSE(pace.has_stepped());
  pace.stepped(9);
  pace.stepped(8);
  EXPECT_EQ(pace.steps(), 0);
  EXPECT_EQ(pace.step_seconds(), 8);
  pace.stepped(1);
  EXPECT_EQ(pace.steps(), 1);
  EXPECT_DOUBLE_EQ(pace.step_seconds(), 1);
  pace.stepped(1.5);
  EXPECT_DOUBLE_EQ(pace.step_seconds(), 1.25);
  pace.stepped(100);
  EXPECT_DOUBLE_EQ(pace.step_seconds(), (1 + 1.5 + 2.5) / 3) << "a slow step counts as twice the mean";
}

TEST(Pace, AValidationIsExpectedToSlowDownAsTheStepsDo) {
  Pace pace = measured_pace(100);
  pace.validated(/*image_seconds=*/20, /*other_seconds=*/1, /*images=*/10);
  EXPECT_DOUBLE_EQ(pace.validation_seconds(10), 21);
  EXPECT_DOUBLE_EQ(pace.validation_seconds(5), 11);
  for (int i = 0; i < 1000; ++i) pace.stepped(2 * kStepSeconds);
  EXPECT_NEAR(pace.validation_seconds(10), 42, 1e-6);
  EXPECT_NEAR(pace.image_seconds(), 4, 1e-6);
}

TEST(TimePlan, AnExpectedValidationIsCounted) {
  Pace pace = measured_pace(10, 1);
  EXPECT_TRUE(pace.needs_expectation());
  pace.expect_validation(2);
  EXPECT_FALSE(pace.has_validated());
  const ValidationTimes times{1000, pace.validation_seconds(10), 0};
  EXPECT_EQ(TimePlan(100).length(10, 10, pace, times).total_steps, 10 + 70);
}

TEST(TimePlan, TheComparisonAtTheEndIsCounted) {
  EXPECT_EQ(TimePlan(100).length(10, 10, measured_pace(10, 1), {1000, 20, 30}).total_steps, 10 + 40);
}

TEST(TimePlan, APeriodicValidationThatWouldLeaveTooFewStepsIsLeftOut) {
  // 90 s are left: validations after steps 40 and 80 and at the end would leave time for 60 steps.
  const PlannedLength length = TimePlan(100).length(10, 10, measured_pace(10, 1), {40, 20, 0});
  EXPECT_EQ(length.total_steps, 10 + 50);
  EXPECT_EQ(length.last_periodic_step, 40);
  // With 25 s for each, the second one would begin after 80 steps in all, 95 s; the steps go on instead.
  const PlannedLength without = TimePlan(115).length(10, 10, measured_pace(10, 1), {40, 25, 0});
  EXPECT_EQ(without.total_steps, 10 + 55);
  const PlannedLength longer = TimePlan(140).length(10, 10, measured_pace(10, 1), {40, 25, 0});
  EXPECT_EQ(longer.total_steps, 10 + 80) << "130 s: one validation after step 40, one at the end, 80 steps";
  EXPECT_EQ(longer.last_periodic_step, 40) << "the one after step 80 is left out";
}

TEST(TimePlan, NothingIsPlannedBeforeThePaceIsKnown) {
  Pace pace;
  const TimePlan plan(600);
  EXPECT_EQ(plan.plans_due(0, 1, 0, pace, 0), 0);
  for (int i = 0; i < 6; ++i) pace.stepped(kStepSeconds);
  EXPECT_EQ(plan.plans_due(0, 4, 0, pace, 0), 0) << "the first two do not count";
  pace.stepped(kStepSeconds);
  EXPECT_EQ(plan.plans_due(0, 4, 0, pace, 0), 1);
  EXPECT_EQ(pace.step_seconds(), kStepSeconds);
}

TEST(TimePlan, AShortBudgetDoesNotWaitForFiveSteps) {
  Pace pace;
  pace.stepped(3);
  EXPECT_EQ(TimePlan(60).plans_due(0, 6, 0, pace, 0), 1);
  EXPECT_EQ(TimePlan(600).plans_due(0, 6, 0, pace, 0), 0);
}

TEST(TimePlan, AnExpiredBudgetEndsTheTrainingAtOnce) {
  EXPECT_EQ(TimePlan(60).length(77, 61, measured_pace(), {50, 0, 0}).total_steps, 77);
}

TEST(TimePlan, APlanIsDueAsSoonAsNoFurtherStepFits) {
  const Pace pace = measured_pace();
  const TimePlan plan(600);
  EXPECT_EQ(plan.plans_due(10, 589.4, 0.98, pace, 10), 10);
  EXPECT_EQ(plan.plans_due(10, 589.6, 0.98, pace, 10), 11);
}

TEST(TimePlan, StepsFasterThanPlannedTriggerANewPlan) {
  const Pace pace = measured_pace();
  const TimePlan plan(600);
  EXPECT_EQ(plan.plans_due(1, 10, 0.1, pace, 0), 1);
  EXPECT_EQ(plan.plans_due(1, 10, 0.92, pace, 0), 7);
}

TEST(TimePlan, SharesOfTheTimeLeaveOutWhatFollowsTheLastStep) {
  const Pace pace = measured_pace();
  EXPECT_EQ(TimePlan(600).plans_due(1, 290, 0, pace, 0), 3);
  EXPECT_EQ(TimePlan(600).plans_due(1, 290, 0, pace, 60), 4) << "290 of 540 s";
}

TEST(TimePlan, ASlowdownReducesTheSteps) {
  const TimePlan plan(600);
  Pace pace = measured_pace(98);
  const int64_t before = plan.length(100, 60, pace, {1000, 0, 0}).total_steps;
  for (int i = 0; i < 200; ++i) pace.stepped(2 * kStepSeconds);
  EXPECT_LT(plan.length(300, 260, pace, {1000, 0, 0}).total_steps, before);
}

}  // namespace
}  // namespace unet
