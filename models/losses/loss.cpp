#include "models/losses/loss.h"

#include <torch/types.h>

#include "models/losses/boundary_cross_entropy.h"
#include "models/losses/cl_dice.h"
#include "models/losses/cross_entropy.h"
#include "models/losses/dice.h"
#include "models/losses/focal.h"
#include "models/losses/lovasz_softmax.h"
#include "models/losses/top_k_cross_entropy.h"
#include "models/losses/tversky.h"

namespace unet {

void Loss::fields(FieldVisitor& visit) { visit("weight", weight, "weight of this term in the sum", at_least(0)); }

void Loss::check(const LossContext&) const {}

const Registry<Loss>& losses() {
  static const Registry<Loss> table{
      "loss",
      {{"cross_entropy", "cross entropy, averaged over the labeled pixels of a step", make_row<Loss, CrossEntropy>},
       {"dice",
        "one minus soft Dice, averaged over the classes in a micro-batch, then over the micro-batches of a step",
        make_row<Loss, DiceLoss>},
       {"focal", "focal loss, averaged over the labeled pixels of a step", make_row<Loss, FocalLoss>},
       {"top_k_cross_entropy",
        "cross entropy of the hardest pixels of each micro-batch; about 6 times the time of cross_entropy",
        make_row<Loss, TopKCrossEntropy>},
       {"boundary_cross_entropy", "cross entropy weighted by the U-Net paper's map: more between touching objects",
        make_row<Loss, BoundaryCrossEntropy>},
       {"tversky", "Tversky loss: Dice with weights for false positives and negatives; focal with gamma above 1",
        make_row<Loss, TverskyLoss>},
       {"lovasz_softmax",
        "Lovasz-softmax loss: a convex form of 1 - IoU; sorts the pixels of each class, about 35 times the time of "
        "cross_entropy",
        make_row<Loss, LovaszSoftmax>},
       {"cl_dice",
        "one minus soft clDice of the foreground classes: overlap of skeletons, for thin structures; about 30 times "
        "the time of cross_entropy",
        make_row<Loss, ClDiceLoss>}}};
  return table;
}

LossOptions::LossOptions(const Registry<Loss>& table, const std::vector<std::string>& names) : terms(table, names) {}

void LossOptions::fields(FieldVisitor& visit) { visit("terms", terms, "terms; the loss is their weighted sum"); }

torch::Tensor total_loss(const LossOptions& options, const LossInput& input) {
  return total_loss(options, input, input);
}

torch::Tensor total_loss(const LossOptions& options, const LossInput& plain, const LossInput& mapped) {
  torch::Tensor sum = torch::zeros({}, plain.logits().options().dtype(torch::kFloat));
  for (const auto& term : options.terms)
    if (term->weight != 0) sum = sum + term->weight * term->compute(term->boundary_weights() ? mapped : plain);
  return sum;
}

std::optional<BoundaryWeights> boundary_weights(const LossOptions& options) {
  for (const auto& term : options.terms)
    if (term->weight != 0 && term->boundary_weights()) return term->boundary_weights();
  return std::nullopt;
}

void check_losses(const LossOptions& options, const LossContext& context) {
  double weight = 0;
  for (const auto& term : options.terms) weight += term->weight;
  if (weight <= 0) fail(ErrorKind::config, "loss.terms: expected at least one term with a weight above 0");
  for (const auto& term : options.terms) term->check(context);
  const std::optional<BoundaryWeights> map = boundary_weights(options);
  for (const auto& term : options.terms)
    if (const auto other = term->boundary_weights(); other && term->weight != 0 && !(*other == *map))
      fail(ErrorKind::config, "loss.terms: got weight maps of w0 ", map->w0, ", sigma ", map->sigma, " and of w0 ",
           other->w0, ", sigma ", other->sigma, ", expected the same for all terms. Give them equal w0 and sigma.");
}

}  // namespace unet
