#include "app/training/lr_transition.h"

#include <algorithm>
#include <cmath>

namespace unet {

void LrTransition::finish(int64_t step, double lr, double share) {
  const auto steps = static_cast<int64_t>(std::ceil(share * static_cast<double>(step)));
  state_ = {step, step + std::max<int64_t>(1, steps), lr, true};
}

void LrTransition::join(int64_t step, double lr, int64_t total_steps) {
  const int64_t steps = std::clamp<int64_t>((total_steps - step) / 10, 1, 500);
  state_ = {step, step + steps, lr, false};
}

double LrTransition::at(int64_t step, double scheduled) const {
  if (state_.to_step == 0 || step < state_.from_step || (step >= state_.to_step && !state_.finishes)) return scheduled;
  const double target = state_.finishes ? 0 : scheduled;
  const double done =
      static_cast<double>(step - state_.from_step) / static_cast<double>(state_.to_step - state_.from_step);
  return state_.from_lr + (target - state_.from_lr) * std::min(done, 1.0);
}

}  // namespace unet
