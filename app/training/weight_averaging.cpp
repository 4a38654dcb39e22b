#include "app/training/weight_averaging.h"

#include <algorithm>

namespace unet {

bool WeightAveraging::joins_mean(int64_t step, int64_t total_steps) const {
  const double begin = swa_start_ * static_cast<double>(total_steps);
  return ema_decay_ <= 0 && swa_start_ > 0 && static_cast<double>(step) >= begin;
}

double WeightAveraging::decay(int64_t step, int64_t total_steps) const {
  if (ema_decay_ > 0) return ema_decay(ema_decay_, step + 1);
  return swa_decay(state_.averaged + (joins_mean(step, total_steps) ? 1 : 0));
}

void WeightAveraging::updated(int64_t step, int64_t total_steps) {
  if (joins_mean(step, total_steps)) ++state_.averaged;
}

double ema_decay(double decay, int64_t step) {
  const auto steps = static_cast<double>(step);
  return std::min(decay, (1 + steps) / (10 + steps));
}

double swa_decay(int64_t count) { return count <= 1 ? 0 : 1 - 1 / static_cast<double>(count); }

}  // namespace unet
