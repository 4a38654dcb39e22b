#pragma once

#include "models/losses/region_loss.h"

namespace unet {

/// One minus soft Dice, averaged over the classes present in the batch or image. Scalar in [0,1].
/// Source: Milletari et al. 2016, arXiv:1606.04797, whose denominator has squares; without them as Sudre et al. 2017,
/// arXiv:1707.03237.
class DiceLoss : public RegionLoss {
 public:
  double smooth = 1;
  bool include_background = true;
  bool squared = false;

  void fields(FieldVisitor& visit) override;
  torch::Tensor compute(const LossInput& input) const override;
};

}  // namespace unet
