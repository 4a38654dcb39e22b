#include "models/losses/cross_entropy.h"

#include <torch/types.h>

#include "configs/schema/class_weight.h"

namespace unet {

void CrossEntropy::fields(FieldVisitor& visit) {
  Loss::fields(visit);
  Limits limits = at_least(0);
  limits.words = {"none", "auto"};
  visit("class_weights", class_weights, "one weight per class, or auto: 1/ln(1.1 + fraction of the labeled pixels)",
        limits);
}

/// One for each class; none where all weigh the same.
std::vector<double> CrossEntropy::weights(const LossContext& context) const {
  if (class_weights.word == "none") return {};
  std::vector<double> values = class_weights.values;
  if (class_weights.word == "auto") {
    for (const double share : context.class_share) values.push_back(class_weight(share));
  }
  if (static_cast<int64_t>(values.size()) != context.num_classes)
    fail(ErrorKind::config, "loss cross_entropy: class_weights: got ", values.size(), " numbers, expected ",
         context.num_classes, ", one for each class");
  return values;
}

torch::Tensor CrossEntropy::compute(const ClassSums& sums, const LossContext& context) const {
  std::vector<torch::Tensor> numbers;  // filled in on the device: a copy from here could not go into a CUDA graph
  for (const double weight : weights(context)) numbers.push_back(torch::full({}, weight, sums.nll.options()));
  const auto weight = numbers.empty() ? torch::Tensor() : torch::stack(numbers);
  const auto weighted = [&](const torch::Tensor& by_class) {
    return (weight.defined() ? by_class * weight : by_class).sum();
  };
  return weighted(sums.nll) / weighted(sums.truth).clamp_min(1e-12);
}

}  // namespace unet
