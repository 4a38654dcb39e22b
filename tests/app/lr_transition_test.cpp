#include "app/training/lr_transition.h"

#include <gtest/gtest.h>

#include <cmath>

#include "app/training/training_parts.h"
#include "configs/schema/reader.h"

namespace unet {
namespace {

TEST(LrTransition, ChangesNothingWithoutOne) {
  const LrTransition none;
  EXPECT_EQ(none.at(5, 0.25), 0.25);
  EXPECT_EQ(none.end(), std::nullopt);
}

TEST(LrTransition, FinishingFallsToZeroWithinAShareOfTheSteps) {
  LrTransition transition;
  transition.finish(/*step=*/101, /*lr=*/0.4, /*share=*/0.1);
  EXPECT_EQ(transition.end(), 112) << "11 steps: 10.1, rounded up";
  EXPECT_EQ(transition.at(100, 0.7), 0.7);
  for (int64_t step = 101; step < 112; ++step)
    EXPECT_DOUBLE_EQ(transition.at(step, 0.7), 0.4 * (1 - static_cast<double>(step - 101) / 11)) << step;
  EXPECT_EQ(transition.at(112, 0.7), 0);
}

TEST(LrTransition, JoiningLeadsToTheSchedule) {
  LrTransition transition;
  transition.join(/*step=*/100, /*lr=*/0.1, /*total_steps=*/200);  // within 10 steps
  EXPECT_EQ(transition.end(), std::nullopt);
  EXPECT_DOUBLE_EQ(transition.at(100, 0.5), 0.1);
  EXPECT_DOUBLE_EQ(transition.at(105, 0.5), 0.3);
  EXPECT_EQ(transition.at(110, 0.5), 0.5);
  transition.join(0, 0.1, 1'000'000);
  EXPECT_EQ(transition.state().to_step, 500);
  transition.join(5, 0.1, 5);
  EXPECT_EQ(transition.state().to_step, 6) << "no division by zero";
}

TEST(TrainingParts, TheLearningRateOfALengthenedTrainingContinuesAndEndsWithItsSchedule) {
  TrainOptions options;
  read_options(parse_yaml("{lr: 1, time_budget: 100s, schedule: {name: poly, power: 1}, warmup_steps: 0}", "test"),
               options);
  TrainingParts parts(options, 10, false);
  parts.time_budget.expect(100);
  const double last = parts.lr(99);
  EXPECT_NEAR(last, 0.01, 1e-12);
  parts.time_budget.expect(200);
  parts.transition.join(100, last, 200);
  EXPECT_EQ(parts.total_steps(), 200);
  EXPECT_NEAR(parts.lr(100), 0.01, 1e-12) << "no jump";
  for (int64_t step = 101; step < 200; ++step)
    EXPECT_LT(std::abs(parts.lr(step) - parts.lr(step - 1)), 0.06) << "no jump at step " << step;
  EXPECT_NEAR(parts.lr(110), 0.45, 1e-12) << "the schedule of 200 steps";
  EXPECT_NEAR(parts.lr(199), 0.005, 1e-12);
}

TEST(TrainingParts, FinishingReplacesTheScheduleAndTheLength) {
  TrainOptions options;
  read_options(parse_yaml("{lr: 1, epochs: 10, schedule: constant, warmup_steps: 0}", "test"), options);
  TrainingParts parts(options, 10, false);
  EXPECT_EQ(parts.total_steps(), 100);
  parts.transition.finish(50, parts.lr(49), 0.2);
  EXPECT_EQ(parts.total_steps(), 60);
  EXPECT_EQ(parts.lr(50), 1);
  EXPECT_NEAR(parts.lr(59), 0.1, 1e-12);
}

}  // namespace
}  // namespace unet
