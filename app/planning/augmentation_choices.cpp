#include <fmt/format.h>

#include "app/planning/choices.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

/// How much the samples are changed, by how often each is seen.
enum class Strength { light, standard, strong };

Strength strength_of(const PlanInput& input, const Config& draft) {
  constexpr double kLight = 8, kStrong = 60;
  const double passes = expected_passes(input, draft);
  return passes < kLight ? Strength::light : passes < kStrong ? Strength::standard : Strength::strong;
}

std::string seen_text(const PlanInput& input, const Config& draft) {
  return "each part of the images is seen about " + counted(std::lround(expected_passes(input, draft)), "time");
}

/// A probability that grows with the strength.
Proposal by_strength(const PlanInput& input, const Config& draft, double light, double standard, double strong) {
  const Strength strength = strength_of(input, draft);
  const double value = strength == Strength::light ? light : strength == Strength::standard ? standard : strong;
  return {fmt::format("{}", value), seen_text(input, draft)};
}

/// Amounts of brightness and noise are chosen in standard deviations only.
bool has_own_unit(const Config& draft) { return draft.augment.intensity_unit != IntensityUnit::deviation; }

/// Whether objects have neither an upper nor a left side.
bool is_free(const PlanInput& input) {
  return !input.data.orientation.vertical.matters && !input.data.orientation.horizontal.matters;
}

std::optional<Proposal> choose_unit(const PlanInput&, const Config& draft) {
  if (has_own_unit(draft)) return {};
  return Proposal{"deviation", "suits images of any depth and contrast"};
}

std::optional<Proposal> choose_horizontal_flip(const PlanInput& input, const Config&) {
  const HalfDifference& halves = input.data.orientation.horizontal;
  return Proposal{halves.matters ? "0" : "0.5", halves.reason};
}

std::optional<Proposal> choose_vertical_flip(const PlanInput& input, const Config&) {
  const HalfDifference& halves = input.data.orientation.vertical;
  return Proposal{halves.matters ? "0" : "0.5", halves.reason};
}

std::optional<Proposal> choose_quarter_turns(const PlanInput& input, const Config& draft) {
  const bool is_square = draft.data.size.at(0) == draft.data.size.at(1);
  if (!is_free(input)) return Proposal{"0", "the orientation has a meaning"};
  if (!is_square) return Proposal{"0", "samples are not square"};
  return Proposal{"0.75", "the orientation has no meaning"};
}

std::optional<Proposal> choose_rotation(const PlanInput& input, const Config& draft) {
  return is_free(input) ? by_strength(input, draft, 0.15, 0.3, 0.5) : Proposal{"0.15", "the orientation has a meaning"};
}

std::optional<Proposal> choose_degrees(const PlanInput& input, const Config&) {
  return is_free(input) ? Proposal{"[-45, 45]", "the orientation has no meaning"}
                        : Proposal{"[-7, 7]", "the orientation has a meaning"};
}

std::optional<Proposal> choose_scale(const PlanInput& input, const Config& draft) {
  return by_strength(input, draft, 0.2, 0.5, 0.5);
}

std::optional<Proposal> choose_factor(const PlanInput& input, const Config& draft) {
  if (strength_of(input, draft) == Strength::light) return Proposal{"[0.85, 1.2]", seen_text(input, draft)};
  return Proposal{"[0.75, 1.33]", seen_text(input, draft)};
}

/// Bends what few images show; costs time that short trainings need for steps.
std::optional<Proposal> choose_elastic(const PlanInput& input, const Config& draft) {
  constexpr int64_t kFewImages = 50;
  if (!is_free(input) || strength_of(input, draft) != Strength::strong || input.data.train_images > kFewImages)
    return {};
  return Proposal{
      "0.3", fmt::format("only {}, {}", counted(input.data.train_images, "training image"), seen_text(input, draft))};
}

/// Bends by about the width of the thinnest structures, so that they stay what they are.
std::optional<Proposal> choose_elastic_sigma(const PlanInput& input, const Config& draft) {
  if (!choose_elastic(input, draft)) return {};
  return Proposal{"[2, 8]", "displacements of a few pixels"};
}

std::optional<Proposal> choose_brightness(const PlanInput& input, const Config& draft) {
  if (has_own_unit(draft)) return {};
  return by_strength(input, draft, 0.15, 0.3, 0.3);
}

std::optional<Proposal> choose_shift(const PlanInput&, const Config& draft) {
  if (has_own_unit(draft)) return {};
  return Proposal{"[-0.5, 0.5]", "standard deviations"};
}

std::optional<Proposal> choose_contrast(const PlanInput& input, const Config& draft) {
  return by_strength(input, draft, 0.15, 0.3, 0.3);
}

std::optional<Proposal> choose_gamma(const PlanInput& input, const Config& draft) {
  return by_strength(input, draft, 0, 0.15, 0.3);
}

std::optional<Proposal> choose_noise(const PlanInput& input, const Config& draft) {
  if (has_own_unit(draft)) return {};
  return by_strength(input, draft, 0, 0.1, 0.2);
}

}  // namespace

std::vector<PlannerChoice> augmentation_choices() {
  return {{"augment.intensity_unit", choose_unit},
          {"augment.horizontal_flip.probability", choose_horizontal_flip},
          {"augment.vertical_flip.probability", choose_vertical_flip},
          {"augment.quarter_turns.probability", choose_quarter_turns},
          {"augment.rotation.probability", choose_rotation},
          {"augment.rotation.degrees", choose_degrees},
          {"augment.scale.probability", choose_scale},
          {"augment.scale.factor", choose_factor},
          {"augment.elastic.probability", choose_elastic},
          {"augment.elastic.sigma", choose_elastic_sigma},
          {"augment.brightness.probability", choose_brightness},
          {"augment.brightness.shift", choose_shift},
          {"augment.contrast.probability", choose_contrast},
          {"augment.gamma.probability", choose_gamma},
          {"augment.noise.probability", choose_noise}};
}

}  // namespace unet
