#include "models/losses/dice.h"

#include <torch/types.h>

namespace unet {

void DiceLoss::fields(FieldVisitor& visit) {
  Loss::fields(visit);
  visit("smooth", smooth, "smoothing constant added to numerator and denominator, pixels", at_least(0));
  visit("include_background", include_background, "whether class 0 counts");
}

torch::Tensor DiceLoss::compute(const LossInput& input) const {
  const ClassSums& sums = input.sums();
  const auto dice = (2 * sums.overlap + smooth) / (sums.probability + sums.truth + smooth).clamp_min(1e-12);
  auto counts = sums.truth.gt(0).to(dice.scalar_type());
  if (!include_background) counts = counts * torch::arange(counts.size(0), counts.options()).gt(0);
  return input.mean_over_parts(((1 - dice) * counts).sum() / counts.sum().clamp_min(1));
}

}  // namespace unet
