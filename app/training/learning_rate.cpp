#include "app/training/learning_rate.h"

#include <algorithm>

namespace unet {

double LearningRate::at(int64_t step, int64_t total_steps) const {
  const auto& schedule = *options_.schedule;
  const int64_t warmup =
      std::min(options_.warmup_steps.value_or(schedule.default_warmup(total_steps)), total_steps - 1);
  return options_.lr * factor_with_warmup(schedule, step, total_steps, warmup, state_);
}

}  // namespace unet
