#include "models/losses/loss.h"

#include <torch/torch.h>

#include "models/losses/cross_entropy.h"
#include "models/losses/dice.h"

namespace unet {

void Loss::fields(FieldVisitor& visit) { visit("weight", weight, "in the sum of the terms", at_least(0)); }

const Registry<Loss>& losses() {
  static const Registry<Loss> table{
      "loss",
      {{"cross_entropy", "cross entropy, averaged over pixels", make_row<Loss, CrossEntropy>},
       {"dice", "one minus soft Dice, averaged over the classes in the batch", make_row<Loss, DiceLoss>}}};
  return table;
}

LossOptions::LossOptions() : terms(losses(), {"cross_entropy", "dice"}) {}

void LossOptions::fields(FieldVisitor& visit) { visit("terms", terms, "the loss is their weighted sum"); }

torch::Tensor softmax_logits(const torch::Tensor& logits) {
  const auto z = logits.to(torch::kFloat);
  return z.size(1) == 1 ? torch::cat({torch::zeros_like(z), z}, 1) : z;
}

torch::Tensor total_loss(const LossOptions& options, const torch::Tensor& logits, const Target& target,
                         const LossContext& context) {
  const auto z = softmax_logits(logits);
  torch::Tensor sum = torch::zeros({}, z.options());
  for (const auto& term : options.terms)
    if (term->weight != 0) sum = sum + term->weight * term->compute(z, target, context);
  return sum;
}

void check_losses(const LossOptions& options, const LossContext& context) {
  double weight = 0;
  for (const auto& term : options.terms) weight += term->weight;
  if (weight <= 0) fail(ErrorKind::config, "loss.terms: expected at least one term with a weight above 0");
  const auto logits = torch::zeros({1, context.num_classes, 1, 1});
  const Target target{torch::zeros({1, 1, 1}, torch::kLong)};
  for (const auto& term : options.terms) term->compute(logits, target, context);
}

}  // namespace unet
