#pragma once

#include "models/losses/loss.h"

namespace unet {

/// The class weights of a loss that has none of its own; `automatic` are those of class_weight().
enum class ClassWeighting { none, automatic };
template <>
struct EnumNames<ClassWeighting> {
  static constexpr EnumName<ClassWeighting> table[] = {{"none", ClassWeighting::none},
                                                       {"auto", ClassWeighting::automatic}};
};

/// Cross entropy: the mean over the labeled pixels of a step, each weighted by its class's weight.
/// `auto` gives class c the weight 1 / ln(1.1 + share of c): at most 8 times more for rare classes.
/// Source of the form: Paszke et al. 2016, arXiv:1606.02147.
class CrossEntropy : public Loss {
 public:
  ModeOrList<ClassWeighting> class_weights = ClassWeighting::none;

  void fields(FieldVisitor& visit) override;
  void check(const LossContext& context) const override;
  torch::Tensor compute(const LossInput& input) const override;

 private:
  std::vector<double> weights(const LossContext& context) const;
};

}  // namespace unet
