#include "models/losses/class_weighted_loss.h"

#include <torch/types.h>

#include <utility>

#include "configs/schema/class_weight.h"
#include "configs/schema/ignore_label.h"

namespace unet {

ClassWeightedLoss::ClassWeightedLoss(std::string name) : name_(std::move(name)) {}

void ClassWeightedLoss::fields(FieldVisitor& visit) {
  Loss::fields(visit);
  visit("class_weights", class_weights, "one weight per class, or auto: 1/ln(1.1 + fraction of the labeled pixels)",
        at_least(0));
}

/// Returns one weight per class; empty if all are equal.
std::vector<double> ClassWeightedLoss::weights(const LossContext& context) const {
  if (const auto* given = std::get_if<std::vector<double>>(&class_weights)) return *given;
  std::vector<double> values;
  if (std::get<ClassWeighting>(class_weights) == ClassWeighting::automatic)
    for (const double share : context.class_share) values.push_back(unet::class_weight(share));
  return values;
}

void ClassWeightedLoss::check(const LossContext& context) const {
  if (class_weights == ModeOrList<ClassWeighting>(ClassWeighting::none)) return;
  const auto count = static_cast<int64_t>(weights(context).size());
  if (count != context.num_classes)
    fail(ErrorKind::config, "loss.terms: ", name_, ": class_weights: got ", count, " numbers, expected ",
         context.num_classes, ", one for each class. Set class_weights: auto to derive them from the data.");
}

torch::Tensor ClassWeightedLoss::class_weight(const LossInput& input) const {
  std::vector<torch::Tensor> numbers;  // created on the device: a CUDA graph cannot capture a copy from the host
  for (const double value : weights(input.context()))
    numbers.push_back(torch::full({}, value, input.logits().options().dtype(torch::kFloat)));
  return numbers.empty() ? torch::Tensor() : torch::stack(numbers);
}

torch::Tensor ClassWeightedLoss::pixel_weight(const LossInput& input) const {
  auto pixels = input.target().pixel_weight();
  const auto weight = class_weight(input);
  if (!weight.defined()) return pixels;
  const auto& labels = input.target().labels;
  const auto index = labels.masked_fill(labels.eq(kIgnoreLabel), 0).reshape({-1});
  return weight.index_select(0, index).view(labels.sizes()) * pixels;
}

torch::Tensor ClassWeightedLoss::step_weight(const LossInput& input) const {
  const auto& pixels = input.step_class_weight();
  const auto weight = class_weight(input);
  return (weight.defined() ? pixels * weight : pixels).sum().clamp_min(1e-12);
}

}  // namespace unet
