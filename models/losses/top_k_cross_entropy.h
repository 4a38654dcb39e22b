#pragma once

#include "models/losses/class_weighted_loss.h"

namespace unet {

/// The mean cross entropy of the hardest pixels of each micro-batch: those of the largest cross entropy whose weights
/// (see ClassWeightedLoss::pixel_weight) add up to `share` of the weight of all labeled pixels. Pixels that are equally
/// hard count equally, by the fraction that is still missing.
/// Source: Wu et al. 2016, arXiv:1605.06885 (online bootstrapping); Fan et al. 2017, arXiv:1705.08826 (average top-k).
class TopKCrossEntropy : public ClassWeightedLoss {
 public:
  double share = 0.1;

  TopKCrossEntropy() : ClassWeightedLoss("top_k_cross_entropy") {}
  void fields(FieldVisitor& visit) override;
  torch::Tensor compute(const LossInput& input) const override;
};

}  // namespace unet
