#include "app/training/time_budget.h"

namespace unet {
namespace {

constexpr int64_t kStepsBeforePlan = 1000;  // assumed length of the training until its pace is known

}  // namespace

TimeBudget::TimeBudget(const TrainOptions& options, int64_t steps_per_epoch)
    : steps_of_epochs_(steps_per_epoch * options.epochs) {
  if (options.time_budget) time_plan_.emplace(options.time_budget->seconds);
}

int64_t TimeBudget::total_steps() const {
  if (!time_plan_) return steps_of_epochs_;
  return state_.planned_steps > 0 ? state_.planned_steps : kStepsBeforePlan;
}

int64_t TimeBudget::plans_due(int64_t step, double elapsed_seconds, double reserved_seconds) const {
  const bool has_expectation = state_.planned_steps > 0 && state_.plans == 0;
  if (!time_plan_ || (has_expectation && !pace_.is_known())) return state_.plans;
  const double steps_share = static_cast<double>(step) / static_cast<double>(total_steps());
  return time_plan_->plans_due(state_.plans, elapsed_seconds, steps_share, pace_, reserved_seconds);
}

int64_t TimeBudget::plan(int64_t plans, int64_t step, double elapsed_seconds, const ValidationTimes& times) {
  const PlannedLength length = time_plan_.value().length(step, elapsed_seconds, pace_, times);
  state_ = {length.total_steps, plans};
  return length.last_periodic_step;
}

}  // namespace unet
