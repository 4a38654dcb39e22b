#include "models/losses/cross_entropy.h"

#include <torch/types.h>

#include <vector>

#include "configs/schema/ignore_label.h"

namespace unet {

void CrossEntropy::fields(FieldVisitor& visit) {
  ClassWeightedLoss::fields(visit);
  visit("label_smoothing", label_smoothing,
        "part of the truth that is spread evenly over all classes, as in torch.nn.CrossEntropyLoss", in_range(0, 1));
}

torch::Tensor CrossEntropy::compute(const LossInput& input) const {
  const ClassSums& sums = input.sums();
  const auto weight = class_weight(input);
  const auto weighted_sum = [&](const torch::Tensor& per_class) {
    return (weight.defined() ? per_class * weight : per_class).sum();
  };
  const auto step_pixels = step_weight(input);
  auto own_class = weighted_sum(sums.nll) / step_pixels;
  if (label_smoothing == 0) return own_class;
  const auto& log_probability = input.log_probability();
  const auto labeled = input.target().labels.ne(kIgnoreLabel).unsqueeze(1);
  const auto zero = torch::zeros({}, log_probability.options());
  const auto weight_of_pixel = input.target().pixel_weight().unsqueeze(1);
  const auto nll = -(torch::where(labeled, log_probability, zero) * weight_of_pixel).sum(std::vector<int64_t>{0, 2, 3});
  const auto all_classes = weighted_sum(nll) / static_cast<double>(nll.size(0)) / step_pixels;
  return (1 - label_smoothing) * own_class + label_smoothing * all_classes;
}

}  // namespace unet
