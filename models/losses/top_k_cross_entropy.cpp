#include "models/losses/top_k_cross_entropy.h"

#include <torch/types.h>

namespace unet {
namespace {

/// Fraction by which each pixel belongs to the hardest ones, in [0,1], like nll (N,H,W) of at least 0. The threshold is
/// found by bisection of the bits of the float32 values, which are ordered as the values are: unlike a sort this needs
/// no sum in order, which is not deterministic on CUDA.
torch::Tensor hardest_fraction(const torch::Tensor& nll, const torch::Tensor& weight, double share) {
  const auto bits = nll.abs().contiguous().view(torch::kInt);  // abs: the bits of -0 would be out of order
  const auto weight_where = [&](const torch::Tensor& mask) { return (weight * mask).sum(torch::kDouble); };
  const auto wanted = share * weight_where(bits.ge(0));
  // The pixels from `low` on weigh at least `wanted`; those from `high` on weigh less, or there is no value so large.
  auto low = torch::zeros({}, bits.options()), high = torch::full({}, 0x7f800001, bits.options());
  for (int step = 0; step < 31; ++step) {
    const auto middle = low + (high - low).bitwise_right_shift(1);
    const auto is_enough = weight_where(bits.ge(middle)).ge(wanted);
    low = torch::where(is_enough, middle, low);
    high = torch::where(is_enough, high, middle);
  }
  const auto is_above = bits.gt(low), is_equal = bits.eq(low);
  const auto missing = (wanted - weight_where(is_above)) / weight_where(is_equal).clamp_min(1e-12);
  return is_above.to(weight.scalar_type()) + is_equal * missing.clamp(0, 1).to(weight.scalar_type());
}

}  // namespace

void TopKCrossEntropy::fields(FieldVisitor& visit) {
  ClassWeightedLoss::fields(visit);
  visit("share", share, "share of the labeled pixels that count, the hardest ones; 1: cross entropy",
        in_range(1e-6, 1));
}

torch::Tensor TopKCrossEntropy::compute(const LossInput& input) const {
  const auto nll = -input.own_log_probability(), weight = pixel_weight(input);
  const auto fraction = hardest_fraction(nll.detach(), weight, share);
  return (fraction * weight * nll).sum() / (share * step_weight(input));
}

}  // namespace unet
