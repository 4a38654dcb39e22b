#pragma once

#include "models/losses/region_loss.h"

namespace unet {

/// Lovász-softmax: the Lovász extension of the Jaccard loss 1 - IoU at the errors of a class (1 - p at its pixels, p at
/// all others), averaged over the classes present in the batch or image. Scalar in [0,1]. Unlike one minus soft IoU it
/// is convex in the errors. Sorts the pixels once for each class.
/// Source: Berman et al. 2018, arXiv:1705.08790, equations 8 and 9.
class LovaszSoftmax : public RegionLoss {
 public:
  bool include_background = true;

  void fields(FieldVisitor& visit) override;
  torch::Tensor compute(const LossInput& input) const override;
};

}  // namespace unet
