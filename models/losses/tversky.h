#pragma once

#include "models/losses/region_loss.h"

namespace unet {

/// One minus the soft Tversky index TP / (TP + alpha FP + beta FN), raised to 1 / gamma, averaged over the classes
/// present in the batch or image. Scalar in [0,1]. alpha = beta = 0.5 is Dice; gamma above 1 is the focal Tversky loss,
/// whose gradient grows for classes that are already good.
/// Source: Salehi et al. 2017, arXiv:1706.05721; Abraham & Khan 2018, arXiv:1810.07842 (which calls beta alpha).
class TverskyLoss : public RegionLoss {
 public:
  double alpha = 0.3;
  double beta = 0.7;
  double gamma = 1;
  double smooth = 1;
  bool include_background = true;

  void fields(FieldVisitor& visit) override;
  torch::Tensor compute(const LossInput& input) const override;
};

}  // namespace unet
