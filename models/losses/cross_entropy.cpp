#include "models/losses/cross_entropy.h"

#include <torch/types.h>

#include "configs/schema/class_weight.h"

namespace unet {

void CrossEntropy::fields(FieldVisitor& visit) {
  Loss::fields(visit);
  visit("class_weights", class_weights, "one weight per class, or auto: 1/ln(1.1 + fraction of the labeled pixels)",
        at_least(0));
}

/// Returns one weight per class; empty if all are equal.
std::vector<double> CrossEntropy::weights(const LossContext& context) const {
  if (const auto* given = std::get_if<std::vector<double>>(&class_weights)) return *given;
  std::vector<double> values;
  if (std::get<ClassWeighting>(class_weights) == ClassWeighting::automatic)
    for (const double share : context.class_share) values.push_back(class_weight(share));
  return values;
}

void CrossEntropy::check(const LossContext& context) const {
  if (class_weights == ModeOrList<ClassWeighting>(ClassWeighting::none)) return;
  const auto count = static_cast<int64_t>(weights(context).size());
  if (count != context.num_classes)
    fail(ErrorKind::config, "loss.terms: cross_entropy: class_weights: got ", count, " numbers, expected ",
         context.num_classes, ", one for each class. Set class_weights: auto to derive them from the data.");
}

torch::Tensor CrossEntropy::compute(const LossInput& input) const {
  const ClassSums& sums = input.sums();
  std::vector<torch::Tensor> numbers;  // created on the device: a CUDA graph cannot capture a copy from the host
  for (const double value : weights(input.context())) numbers.push_back(torch::full({}, value, sums.nll.options()));
  const auto weight = numbers.empty() ? torch::Tensor() : torch::stack(numbers);
  const auto weighted = [&](const torch::Tensor& per_class) {
    return (weight.defined() ? per_class * weight : per_class).sum();
  };
  return weighted(sums.nll) / weighted(input.step_class_weight()).clamp_min(1e-12);
}

}  // namespace unet
