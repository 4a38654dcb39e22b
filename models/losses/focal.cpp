#include "models/losses/focal.h"

#include <torch/types.h>

namespace unet {

void FocalLoss::fields(FieldVisitor& visit) {
  ClassWeightedLoss::fields(visit);
  visit("gamma", gamma, "exponent of 1 - p, p the probability of a pixel's own class; 0: cross entropy",
        in_range(0, 10));
}

torch::Tensor FocalLoss::compute(const LossInput& input) const {
  const auto log_p = input.own_log_probability();
  const auto doubt = (-torch::expm1(log_p)).clamp_min(1e-12);  // a power below 1 has no derivative at 0
  return -(doubt.pow(gamma) * log_p * pixel_weight(input)).sum() / step_weight(input);
}

}  // namespace unet
