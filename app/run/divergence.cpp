#include "app/run/divergence.h"

#include <algorithm>
#include <cmath>

namespace unet {

std::optional<Divergence::Report> Divergence::observe(int64_t step, double loss) {
  constexpr int64_t kSteps = 50;
  constexpr double kFactor = 2;
  const double share = std::max(1 / static_cast<double>(++count_), 1.0 / kSteps);
  smoothed_ += share * (loss - smoothed_);
  if (count_ < kSteps) return std::nullopt;
  if (count_ == kSteps || smoothed_ < lowest_.loss) lowest_ = {0, smoothed_, step};
  const double difference = std::abs(lowest_.loss) * (kFactor - 1);  // losses may be negative
  steps_above_ = smoothed_ > lowest_.loss + difference ? steps_above_ + 1 : 0;
  if (steps_above_ != kSteps) return std::nullopt;
  return Report{smoothed_, lowest_.loss, lowest_.step};
}

}  // namespace unet
