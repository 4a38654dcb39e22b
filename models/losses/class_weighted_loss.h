#pragma once

#include <string>
#include <vector>

#include "models/losses/loss.h"

namespace unet {

/// The class weights of a loss that has none of its own; `automatic` are those of class_weight().
enum class ClassWeighting { none, automatic };
template <>
struct EnumNames<ClassWeighting> {
  static constexpr EnumName<ClassWeighting> table[] = {{"none", ClassWeighting::none},
                                                       {"auto", ClassWeighting::automatic}};
};

/// A loss that is a mean over the labeled pixels of a step, each weighted by its class's weight.
/// `auto` gives class c the weight 1 / ln(1.1 + share of c): at most 8 times more for rare classes.
/// Source of the form: Paszke et al. 2016, arXiv:1606.02147.
class ClassWeightedLoss : public Loss {
 public:
  ModeOrList<ClassWeighting> class_weights = ClassWeighting::none;

  void fields(FieldVisitor& visit) override;
  void check(const LossContext& context) const override;

 protected:
  /// `name` is the row's, for messages.
  explicit ClassWeightedLoss(std::string name);

  /// Weight of each class, (C) float32; undefined if all are equal.
  torch::Tensor class_weight(const LossInput& input) const;

  /// Weight of each pixel, the product of its class's weight and Target::pixel_weight: (N,H,W) float32, 0 where the
  /// label is ignored.
  torch::Tensor pixel_weight(const LossInput& input) const;

  /// Total weight of the labeled pixels of the step, by which a sum over this part is divided; above 0.
  torch::Tensor step_weight(const LossInput& input) const;

 private:
  std::vector<double> weights(const LossContext& context) const;

  std::string name_;
};

}  // namespace unet
