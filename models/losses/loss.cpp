#include "models/losses/loss.h"

#include <torch/types.h>

#include "models/losses/cross_entropy.h"
#include "models/losses/dice.h"

namespace unet {

void Loss::fields(FieldVisitor& visit) { visit("weight", weight, "weight of this term in the sum", at_least(0)); }

const Registry<Loss>& losses() {
  static const Registry<Loss> table{
      "loss",
      {{"cross_entropy", "cross entropy, averaged over pixels", make_row<Loss, CrossEntropy>},
       {"dice", "1 - soft Dice, averaged over the classes present in the batch", make_row<Loss, DiceLoss>}}};
  return table;
}

LossOptions::LossOptions() : terms(losses(), {"cross_entropy", "dice"}) {}

void LossOptions::fields(FieldVisitor& visit) { visit("terms", terms, "terms; the loss is their weighted sum"); }

torch::Tensor softmax_logits(const torch::Tensor& logits) {
  if (logits.size(1) != 1) return logits;
  const auto z = logits.to(torch::kFloat);
  return torch::cat({torch::zeros_like(z), z}, 1);
}

torch::Tensor total_loss(const LossOptions& options, const torch::Tensor& logits, const Target& target,
                         const LossContext& context, bool fast) {
  const ClassSums sums = class_sums(softmax_logits(logits), target.labels, fast);
  torch::Tensor sum = torch::zeros({}, sums.nll.options());
  for (const auto& term : options.terms)
    if (term->weight != 0) sum = sum + term->weight * term->compute(sums, context);
  return sum;
}

void check_losses(const LossOptions& options, const LossContext& context) {
  double weight = 0;
  for (const auto& term : options.terms) weight += term->weight;
  if (weight <= 0) fail(ErrorKind::config, "loss.terms: expected at least one term with a weight above 0");
  const auto none = torch::zeros({context.num_classes});
  for (const auto& term : options.terms) term->compute({none, none, none, none}, context);
}

}  // namespace unet
