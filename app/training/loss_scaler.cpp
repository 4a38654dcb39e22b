#include "app/training/loss_scaler.h"

namespace unet {

void LossScaler::succeeded() {
  constexpr int64_t kGrowthInterval = 2000;
  if (++good_steps < kGrowthInterval) return;
  scale *= 2;
  good_steps = 0;
}

void LossScaler::overflowed() {
  scale /= 2;
  good_steps = 0;
}

}  // namespace unet
