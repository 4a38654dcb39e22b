#include "models/losses/dice.h"

#include <torch/types.h>

namespace unet {

void DiceLoss::fields(FieldVisitor& visit) {
  RegionLoss::fields(visit);
  visit("smooth", smooth, "smoothing constant added to numerator and denominator, pixels", at_least(0));
  visit("include_background", include_background, "whether class 0 counts");
  visit("squared", squared, "squares of the probabilities in the denominator, as in the V-Net paper");
}

torch::Tensor DiceLoss::compute(const LossInput& input) const {
  const RegionSums sums = region_sums(input, squared);
  const auto dice = (2 * sums.overlap + smooth) / (sums.probability + sums.truth + smooth).clamp_min(1e-12);
  return mean_over_classes(input, 1 - dice, sums.truth, include_background);
}

}  // namespace unet
