#pragma once

#include "app/optimization/optimizer_rules.h"

namespace unet {

/// How the length of an update of Muon depends on the shape of the matrix; the names are those of torch.optim.Muon.
enum class MuonScale { original, match_rms_adamw };
template <>
struct EnumNames<MuonScale> {
  static constexpr EnumName<MuonScale> table[] = {{"original", MuonScale::original},
                                                  {"match_rms_adamw", MuonScale::match_rms_adamw}};
};

/// Momentum whose singular values are made about equal. Applies to hidden weights of convolutions, as matrices of
/// output channels by the rest; the other parameters are updated by AdamW. Weight decay is decoupled. Source: Jordan et
/// al. 2024, https://kellerjordan.github.io/posts/muon; scale for AdamW's learning rates: Liu et al. 2025,
/// arXiv:2502.16982.
class Muon : public OptimizerRule {
 public:
  double momentum = 0.95;
  bool nesterov = true;
  int64_t ns_steps = 5;
  MuonScale adjust_lr_fn = MuonScale::match_rms_adamw;
  double adamw_lr_factor = 1;
  std::vector<double> betas{0.9, 0.999};
  double eps = 1e-8;

  void fields(FieldVisitor& visit) override;
  void update(const ParameterGroup& group, const UpdateArgs& args) const override;
  bool distinguishes_hidden() const override { return true; }

 private:
  /// Factor of the learning rate for a matrix of this shape.
  double scale(int64_t rows, int64_t columns) const;
};

/// Replaces the singular values of a matrix by ones between about 0.7 and 1.2, by a Newton-Schulz iteration with a
/// quintic polynomial: X <- 3.4445 X - 4.7750 (X X^T) X + 2.0315 (X X^T)^2 X. matrix (rows, columns) float or double.
/// Source: Jordan et al. 2024.
torch::Tensor orthogonalized(const torch::Tensor& matrix, int64_t steps);

}  // namespace unet
