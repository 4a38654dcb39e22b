#include "app/run/lengthen.h"

#include <algorithm>
#include <cmath>

#include "configs/schema/error.h"

namespace unet {
namespace {

/// Steps of an epoch, as far as they are known; 0 in the first epoch.
double steps_per_epoch(const TrainingState& state) {
  return state.epoch == 0 ? 0
                          : static_cast<double>(state.step - state.step_in_epoch) / static_cast<double>(state.epoch);
}

bool has_finished(const TrainingState& state, const TrainOptions& options) {
  if (state.transition.finishes) return state.step >= state.transition.to_step;
  if (state.early_stopping.stopped) return true;
  if (options.time_budget) return state.time_budget.planned_steps > 0 && state.step >= state.time_budget.planned_steps;
  return state.epoch >= options.epochs;
}

}  // namespace

double lengthened_budget(const TrainingState& state, const TrainOptions& options, double elapsed_seconds,
                         double more_seconds) {
  if (has_finished(state, options)) return elapsed_seconds + more_seconds;
  if (options.time_budget && !state.transition.finishes)
    return std::max(elapsed_seconds, options.time_budget->seconds) + more_seconds;
  const double total = state.transition.finishes ? static_cast<double>(state.transition.to_step)
                                                 : steps_per_epoch(state) * static_cast<double>(options.epochs);
  if (total == 0)
    fail(ErrorKind::usage, "--time: the run has not completed an epoch, so its duration is not known yet. Give its ",
         "whole duration instead, e.g. --time 30m");
  return elapsed_seconds * std::max(1.0, total / static_cast<double>(state.step)) + more_seconds;
}

std::string duration_option(double seconds) {
  const auto all = static_cast<int64_t>(std::ceil(seconds));
  const int64_t hours = all / 3600, minutes = all / 60 % 60;
  return concat(hours > 0 ? concat(hours, "h") : "", hours > 0 || minutes > 0 ? concat(minutes, "m") : "", all % 60,
                "s");
}

}  // namespace unet
