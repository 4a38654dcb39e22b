#include "models/losses/loss.h"

#include <torch/types.h>

#include "models/losses/cross_entropy.h"
#include "models/losses/dice.h"

namespace unet {

void Loss::fields(FieldVisitor& visit) { visit("weight", weight, "weight of this term in the sum", at_least(0)); }

void Loss::check(const LossContext&) const {}

const Registry<Loss>& losses() {
  static const Registry<Loss> table{
      "loss",
      {{"cross_entropy", "cross entropy, averaged over the labeled pixels of a step", make_row<Loss, CrossEntropy>},
       {"dice",
        "one minus soft Dice, averaged over the classes in a micro-batch, then over the micro-batches of a step",
        make_row<Loss, DiceLoss>}}};
  return table;
}

LossOptions::LossOptions(const Registry<Loss>& table, const std::vector<std::string>& names) : terms(table, names) {}

void LossOptions::fields(FieldVisitor& visit) { visit("terms", terms, "terms; the loss is their weighted sum"); }

torch::Tensor total_loss(const LossOptions& options, const LossInput& input) {
  torch::Tensor sum = torch::zeros({}, input.logits().options().dtype(torch::kFloat));
  for (const auto& term : options.terms)
    if (term->weight != 0) sum = sum + term->weight * term->compute(input);
  return sum;
}

void check_losses(const LossOptions& options, const LossContext& context) {
  double weight = 0;
  for (const auto& term : options.terms) weight += term->weight;
  if (weight <= 0) fail(ErrorKind::config, "loss.terms: expected at least one term with a weight above 0");
  for (const auto& term : options.terms) term->check(context);
}

}  // namespace unet
