// The schedules against torch.optim.lr_scheduler, with and without warm-up.

#include <gtest/gtest.h>

#include <set>

#include "app/training/schedules.h"
#include "configs/schema/reader.h"
#include "tests/support/golden.h"

namespace unet {
namespace {

constexpr double kTolerance = 1e-12;

struct Case : Options {
  ChoiceOf<Schedule> schedule{schedules(), "constant"};
  int64_t warmup = 0;

  void fields(FieldVisitor& visit) override {
    visit("schedule", schedule, "the schedule");
    visit("warmup", warmup, "steps of warm-up");
  }
};

TEST(SchedulesGolden, EveryStepHasThePyTorchFactor) {
  const auto golden = read_golden("schedules");
  std::set<std::string> tried{"plateau"};  // follows scores, not steps
  for (const auto& [name, options_text] : golden.metadata) {
    Case options;
    read_options(parse_yaml(options_text, name), options);
    tried.insert(options.schedule.name());
    const auto& expected = golden.tensors.at(name);
    const int64_t total = expected.numel();
    for (int64_t step = 0; step < total; ++step) {
      const double factor = factor_with_warmup(*options.schedule, step, total, options.warmup, PlateauState{});
      EXPECT_NEAR(factor, expected[step].item<double>(), kTolerance) << name << " at step " << step;
    }
  }
  const auto names = schedules().names();
  EXPECT_EQ(tried, std::set<std::string>(names.begin(), names.end())) << "a schedule has no golden values";
}

}  // namespace
}  // namespace unet
