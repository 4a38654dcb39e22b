#pragma once

#include "models/losses/loss.h"

namespace unet {

/// Cross entropy: the mean over labelled pixels, each weighted by its class's weight.
/// `auto` weighs class c by 1 / ln(1.1 + share of c): rare classes more, by at most a factor of 8.
/// Source of the form: Paszke et al. 2016, arXiv:1606.02147.
class CrossEntropy : public Loss {
 public:
  WordOrList class_weights{"none", {}};

  void fields(FieldVisitor& visit) override;
  torch::Tensor compute(const ClassSums& sums, const LossContext& context) const override;

 private:
  std::vector<double> weights(const LossContext& context) const;
};

}  // namespace unet
