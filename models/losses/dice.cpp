#include "models/losses/dice.h"

#include <torch/torch.h>

#include "configs/schema/ignore_label.h"

namespace unet {

void DiceLoss::fields(FieldVisitor& visit) {
  Loss::fields(visit);
  visit("smooth", smooth, "pixels added to numerator and denominator", at_least(0));
  visit("include_background", include_background, "whether class 0 counts");
}

torch::Tensor DiceLoss::compute(const torch::Tensor& logits, const Target& target, const LossContext&) const {
  const int64_t classes = logits.size(1);
  const auto labelled = target.labels.ne(kIgnoreLabel).unsqueeze(1);
  const auto class_index = torch::arange(classes, target.labels.options()).view({1, classes, 1, 1});
  const auto truth = target.labels.unsqueeze(1).eq(class_index).to(logits.scalar_type());
  const auto probability = torch::softmax(logits, 1) * labelled;
  const std::vector<int64_t> over{0, 2, 3};
  const auto overlap = (probability * truth).sum(over);
  const auto truth_pixels = truth.sum(over);
  const auto dice = (2 * overlap + smooth) / (probability.sum(over) + truth_pixels + smooth).clamp_min(1e-12);
  auto counts = truth_pixels.gt(0).to(logits.scalar_type());
  if (!include_background) counts = counts.index_fill(0, torch::zeros({1}, target.labels.options()), 0);
  return ((1 - dice) * counts).sum() / counts.sum().clamp_min(1);
}

}  // namespace unet
