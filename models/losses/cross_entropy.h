#pragma once

#include <string>
#include <utility>

#include "models/losses/class_weighted_loss.h"

namespace unet {

/// Cross entropy: the mean over the labeled pixels of a step, each weighted by its class's weight. With label smoothing
/// of e the truth of a pixel is (1 - e) at its own class plus e / C at every class, as in torch.nn.CrossEntropyLoss.
/// Source of label smoothing: Szegedy et al. 2016, arXiv:1512.00567.
class CrossEntropy : public ClassWeightedLoss {
 public:
  double label_smoothing = 0;

  CrossEntropy() : CrossEntropy("cross_entropy") {}
  void fields(FieldVisitor& visit) override;
  torch::Tensor compute(const LossInput& input) const override;

 protected:
  explicit CrossEntropy(std::string name) : ClassWeightedLoss(std::move(name)) {}
};

}  // namespace unet
