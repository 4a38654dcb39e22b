#pragma once

#include "models/losses/loss.h"

namespace unet {

/// One minus soft Dice, averaged over the classes present in the batch. Scalar in [0,1]. Each sum runs over the whole
/// batch, so that a class counts once, in however many images it occurs.
/// Source: Milletari et al. 2016, arXiv:1606.04797, with the plain sums of Sudre et al. 2017, arXiv:1707.03237.
class DiceLoss : public Loss {
 public:
  double smooth = 1;
  bool include_background = true;

  void fields(FieldVisitor& visit) override;
  torch::Tensor compute(const LossInput& input) const override;
};

}  // namespace unet
