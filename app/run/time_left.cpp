#include "app/run/time_left.h"

#include <algorithm>

namespace unet {

void TimeLeft::stepped(double seconds) {
  if (++steps_ == 1) return;
  const double weight = std::max(1 / static_cast<double>(steps_ - 1), 0.05);
  seconds_per_step_ += weight * (seconds - seconds_per_step_);
}

std::optional<double> TimeLeft::seconds_left(int64_t step, int64_t total_steps,
                                             int64_t steps_between_validations) const {
  if (steps_ < 2) return std::nullopt;
  const int64_t every = std::max<int64_t>(1, steps_between_validations);
  const int64_t is_last_extra = total_steps % every == 0 ? 0 : 1;
  const int64_t validations = total_steps / every + is_last_extra - step / every;
  return seconds_per_step_ * static_cast<double>(total_steps - step) +
         validation_seconds_ * static_cast<double>(validations);
}

bool TimeLeft::is_due(double run_seconds) {
  constexpr int64_t kFirst = 10;
  constexpr double kLongestInterval = 600;
  if (steps_ < kFirst || (was_shown_ && run_seconds < shown_ + interval_)) return false;
  if (was_shown_) interval_ = std::min(2 * interval_, kLongestInterval);
  was_shown_ = true;
  shown_ = run_seconds;
  return true;
}

}  // namespace unet
