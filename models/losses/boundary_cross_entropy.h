#pragma once

#include "models/losses/cross_entropy.h"

namespace unet {

/// Cross entropy weighted by the U-Net paper's map, which is Target::weight: the weighted mean over the labeled pixels
/// of a step. The other terms of a loss do not see the map. The paper's w_c, which balances the classes, is
/// class_weights. Source: Ronneberger et al. 2015, arXiv:1505.04597, equations 1 and 2.
class BoundaryCrossEntropy : public CrossEntropy {
 public:
  BoundaryWeights map;

  BoundaryCrossEntropy() : CrossEntropy("boundary_cross_entropy") {}
  void fields(FieldVisitor& visit) override;
  std::optional<BoundaryWeights> boundary_weights() const override { return map; }
};

}  // namespace unet
