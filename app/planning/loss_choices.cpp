#include <fmt/format.h>

#include "app/planning/choices.h"

namespace unet {
namespace {

constexpr double kRareClass = 0.02;  // share of the pixels below which cross entropy needs class weights
constexpr double kMostlyOne = 0.8;   // share of class 0 above which scores without it say more

/// Cross entropy and Dice; weights where several classes compete and one is rare. With two classes, Dice makes up for a
/// rare foreground, and weights would only make it too large.
std::optional<Proposal> choose_loss(const PlanInput& input, const Config&) {
  const ClassFacts* rarest = input.data.rarest();
  if (rarest == nullptr) return {};
  const std::string rare =
      fmt::format("the rarest class, {}, has {:.2g}% of the pixels", rarest->name, 100 * rarest->share);
  if (input.data.classes.size() > 2 && rarest->share < kRareClass)
    return Proposal{"[{name: cross_entropy, class_weights: auto}, {name: dice}]", rare};
  return Proposal{"[{name: cross_entropy}, {name: dice}]", rare};
}

std::optional<Proposal> choose_best_by(const PlanInput& input, const Config&) {
  const auto& classes = input.data.classes;
  if (classes.empty()) return {};
  if (classes.size() <= 2) return Proposal{"mean_foreground_iou", "two classes: the background is easy"};
  if (classes.front().share > kMostlyOne)
    return Proposal{"mean_foreground_iou",
                    fmt::format("{} has {:.0f}% of the pixels", classes.front().name, 100 * classes.front().share)};
  return Proposal{"mean_iou", fmt::format("{} classes count alike", classes.size())};
}

}  // namespace

std::vector<PlannerChoice> loss_choices() { return {{"loss.terms", choose_loss}, {"train.best_by", choose_best_by}}; }

}  // namespace unet
