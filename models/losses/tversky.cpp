#include "models/losses/tversky.h"

#include <torch/types.h>

namespace unet {

void TverskyLoss::fields(FieldVisitor& visit) {
  RegionLoss::fields(visit);
  visit("alpha", alpha, "weight of the false positives; alpha and beta 0.5: Dice", in_range(0, 10));
  visit("beta", beta, "weight of the false negatives", in_range(0, 10));
  visit("gamma", gamma, "1 - index is raised to 1/gamma; above 1: focal Tversky loss, 4/3 in its paper",
        in_range(0.1, 10));
  visit("smooth", smooth, "smoothing constant added to numerator and denominator, pixels", at_least(0));
  visit("include_background", include_background, "whether class 0 counts");
}

torch::Tensor TverskyLoss::compute(const LossInput& input) const {
  const RegionSums sums = region_sums(input, /*is_squared=*/false);
  const auto false_positives = sums.probability - sums.overlap, false_negatives = sums.truth - sums.overlap;
  const auto index = (sums.overlap + smooth) /
                     (sums.overlap + alpha * false_positives + beta * false_negatives + smooth).clamp_min(1e-12);
  auto loss = 1 - index;
  // Proportional below 1e-6, since a power below 1 has no derivative at 0.
  if (gamma != 1) loss = loss * loss.clamp_min(1e-6).pow(1 / gamma - 1);
  return mean_over_classes(input, loss, sums.truth, include_background);
}

}  // namespace unet
