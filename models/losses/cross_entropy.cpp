#include "models/losses/cross_entropy.h"

#include <torch/torch.h>

#include "configs/schema/class_weight.h"
#include "configs/schema/ignore_label.h"

namespace unet {

void CrossEntropy::fields(FieldVisitor& visit) {
  Loss::fields(visit);
  Limits limits = at_least(0);
  limits.words = {"none", "auto"};
  visit("class_weights", class_weights, "one number for each class, or auto: 1/ln(1.1 + share of the pixels)", limits);
}

torch::Tensor CrossEntropy::weights(const LossContext& context) const {
  if (class_weights.word == "none") return {};
  std::vector<double> values = class_weights.values;
  if (class_weights.word == "auto") {
    for (const double share : context.class_share) values.push_back(class_weight(share));
  }
  if (static_cast<int64_t>(values.size()) != context.num_classes)
    fail(ErrorKind::config, "loss cross_entropy: class_weights: got ", values.size(), " numbers, expected ",
         context.num_classes, ", one for each class");
  return torch::tensor(values, torch::kFloat);
}

torch::Tensor CrossEntropy::compute(const torch::Tensor& logits, const Target& target,
                                    const LossContext& context) const {
  auto weight = weights(context);
  if (weight.defined()) weight = weight.to(logits.device(), logits.scalar_type());
  const auto labelled = target.labels.ne(kIgnoreLabel);
  const auto total_weight = weight.defined() ? weight.index({target.labels.masked_select(labelled)}).sum()
                                             : labelled.sum().to(logits.scalar_type());
  // On CUDA the kernel's own sum adds in no fixed order, and is refused where determinism is asked for.
  const auto each = at::cross_entropy_loss(logits, target.labels, weight, at::Reduction::None, kIgnoreLabel);
  return each.sum() / total_weight.clamp_min(1e-12);
}

}  // namespace unet
