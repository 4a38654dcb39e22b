#include "app/run/lengthen.h"

#include <gtest/gtest.h>

#include "configs/schema/duration.h"
#include "configs/schema/reader.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

double lengthened(const std::string& options, const TrainingState& state) {
  TrainOptions train;
  read_options(parse_yaml(options, "test"), train);
  return lengthened_budget(state, train, /*elapsed_seconds=*/600, /*more_seconds=*/1200);
}

TrainingState state_at(int64_t step, int64_t epoch, int64_t planned_steps = 0) {
  TrainingState state;
  state.step = step;
  state.epoch = epoch;
  state.time_budget.planned_steps = planned_steps;
  return state;
}

TEST(LengthenedBudget, AFinishedRunTakesThatMuchLongerThanItHasTaken) {
  EXPECT_EQ(lengthened("{time_budget: 605s}", state_at(50, 5, 50)), 1800);
  EXPECT_EQ(lengthened("{epochs: 5}", state_at(50, 5)), 1800);
  TrainingState finished = state_at(50, 5, 500);
  finished.transition = {40, 50, 0.1, true};
  EXPECT_EQ(lengthened("{time_budget: 5h}", finished), 1800);
  TrainingState stopped = state_at(50, 5);
  stopped.early_stopping.stopped = true;
  EXPECT_EQ(lengthened("{epochs: 500}", stopped), 1800);
}

TEST(LengthenedBudget, AnUnfinishedRunTakesThatMuchLongerThanPlanned) {
  EXPECT_EQ(lengthened("{time_budget: 30m}", state_at(50, 5, 150)), 1800 + 1200);
  EXPECT_EQ(lengthened("{epochs: 20}", state_at(50, 5)), 4 * 600 + 1200);
  TrainingState finishing = state_at(50, 5, 500);
  finishing.transition = {40, 100, 0.1, true};
  EXPECT_EQ(lengthened("{time_budget: 5h}", finishing), 2 * 600 + 1200);
}

TEST(LengthenedBudget, WithoutACompleteEpochTheDurationIsUnknown) {
  const std::string text = error_text(ErrorKind::usage, [] { lengthened("{epochs: 20}", state_at(3, 0)); });
  EXPECT_TRUE(contains(text, "--time 30m")) << text;
}

TEST(LengthenedBudget, IsWrittenAsOptionsAreGiven) {
  EXPECT_EQ(duration_option(7), "7s");
  EXPECT_EQ(duration_option(59.2), "1m0s");
  EXPECT_EQ(duration_option(3600), "1h0m0s");
  EXPECT_EQ(duration_option(90061), "25h1m1s");
  for (const double seconds : {1.0, 61.0, 3599.0, 86399.0})
    EXPECT_EQ(parse_duration(duration_option(seconds)), seconds) << seconds;
}

}  // namespace
}  // namespace unet
