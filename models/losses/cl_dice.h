#pragma once

#include "models/losses/region_loss.h"

namespace unet {

/// One minus soft clDice, for thin structures: the harmonic mean of the share of the predicted skeleton inside the true
/// mask and of the share of the true skeleton inside the predicted mask, averaged over the foreground classes present
/// in the batch or image. Scalar in [0,1]. Skeletons are soft (see soft_skeleton); ignored pixels are background for
/// them. It does not fix the width of a structure: use it beside another term. Time and memory grow with `iterations`.
/// Source: Shit et al. 2021, arXiv:2003.07311, algorithm 2.
class ClDiceLoss : public RegionLoss {
 public:
  int64_t iterations = 3;
  double smooth = 1;

  void fields(FieldVisitor& visit) override;
  torch::Tensor compute(const LossInput& input) const override;
};

}  // namespace unet
