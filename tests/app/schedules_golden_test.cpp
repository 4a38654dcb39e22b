// Compares the schedules with torch.optim.lr_scheduler, with and without warm-up.

#include <gtest/gtest.h>

#include <set>

#include "app/optimization/schedules.h"
#include "configs/schema/reader.h"
#include "tests/support/golden.h"

namespace unet {
namespace {

constexpr double kFactorTolerance = 1e-9;  // relative to the factor

struct ScheduleCase : Options {
  ChoiceOf<Schedule> schedule{schedules(), "constant"};
  int64_t warmup = 0;

  void fields(FieldVisitor& visit) override {
    visit("schedule", schedule, "the schedule");
    visit("warmup", warmup, "steps of warm-up");
  }
};

TEST(SchedulesGolden, EveryFactorMatchesPyTorch) {
  const auto golden = read_golden("schedules");
  const auto& scores = golden.tensors.at("scores");  // scores of the validation after each step
  std::set<std::string> tried;
  for (const auto& [name, options_text] : golden.metadata) {
    ScheduleCase options;
    read_options(parse_yaml(options_text, name), options);
    tried.insert(options.schedule.name());
    const auto& expected = golden.tensors.at(name);
    const int64_t total = expected.numel();
    ASSERT_EQ(total, 50);
    PlateauState plateau;
    for (int64_t step = 0; step < total; ++step) {
      const double factor = factor_with_warmup(*options.schedule, step, total, options.warmup, plateau);
      const double expected_factor = expected[step].item<double>();
      EXPECT_NEAR(factor, expected_factor, kFactorTolerance * expected_factor) << name << " at step " << step;
      options.schedule->validated(scores[step].item<double>(), plateau);
    }
  }
  const auto names = schedules().names();
  EXPECT_EQ(tried, std::set<std::string>(names.begin(), names.end())) << "a schedule has no golden values";
}

TEST(SchedulesGolden, NoFactorExceedsOne) {
  for (const std::string& name : schedules().names())
    for (const int64_t total : {1, 2, 3, 10, 1000})
      for (int64_t step = 0; step < total; ++step) {
        const double factor = schedules().make(name)->factor(step, total, PlateauState{});
        EXPECT_TRUE(factor >= 0 && factor <= 1) << name << " at step " << step << " of " << total << ": " << factor;
      }
}

TEST(SchedulesGolden, OnlySchedulesThatRiseHaveNoDefaultWarmup) {
  for (const std::string& name : schedules().names()) {
    const auto schedule = schedules().make(name);
    const bool rises = schedule->factor(0, 1000, PlateauState{}) < schedule->factor(1, 1000, PlateauState{});
    EXPECT_EQ(schedule->default_warmup(1000), rises ? 0 : 50) << name;
    EXPECT_EQ(schedule->default_warmup(1'000'000), rises ? 0 : 500) << name;
  }
}

}  // namespace
}  // namespace unet
