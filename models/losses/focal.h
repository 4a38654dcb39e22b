#pragma once

#include "models/losses/class_weighted_loss.h"

namespace unet {

/// Cross entropy in which a pixel counts (1 - p)^gamma, where p is the probability of its own class, so that pixels
/// that are already certain count little. The mean over the labeled pixels of a step, each weighted by its class's
/// weight. Source: Lin et al. 2017, arXiv:1708.02002; its alpha is class_weights.
class FocalLoss : public ClassWeightedLoss {
 public:
  double gamma = 2;

  FocalLoss() : ClassWeightedLoss("focal") {}
  void fields(FieldVisitor& visit) override;
  torch::Tensor compute(const LossInput& input) const override;
};

}  // namespace unet
