#include "app/training/loss_scaler.h"

namespace unet {

void LossScaler::succeeded() {
  constexpr int64_t kGrowthInterval = 2000;
  if (!enabled_ || ++state_.good_steps < kGrowthInterval) return;
  state_.scale *= 2;
  state_.good_steps = 0;
}

bool LossScaler::overflowed() {
  if (!enabled_ || state_.scale <= 1) return false;
  state_.scale /= 2;
  state_.good_steps = 0;
  return true;
}

}  // namespace unet
