#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/planning/choices.h"

namespace unet {
namespace {

std::optional<Proposal> choose_time_budget(const PlanInput& input, const Config&) {
  if (!input.limits.time) return {};
  return Proposal{input.limits.time->text, input.limits.time_reason};
}

std::optional<Proposal> choose_lr(const PlanInput&, const Config& draft) {
  constexpr int64_t kWide = 48;
  const bool is_wide = draft.model.base_channels >= kWide;
  return Proposal{is_wide ? "0.001" : "0.002", fmt::format("a network of width {}, batches of {}",
                                                           draft.model.base_channels, draft.train.batch_size)};
}

/// An average over about a twentieth of the training.
std::optional<Proposal> choose_ema_decay(const PlanInput& input, const Config& draft) {
  if (draft.train.swa_start > 0) return {};
  constexpr double kShare = 0.05;
  const double steps = expected_steps(input, draft);
  const double decay = std::clamp(1 - 1 / std::max(1.0, kShare * steps), 0.9, 0.999);
  return Proposal{fmt::format("{:.3f}", decay), fmt::format("an average over 5% of about {:.0f} steps", steps)};
}

/// As many validations as take a twentieth of the time, at most 20.
struct ValidationPlan {
  double seconds = 0;  ///< of one, on all images
  int64_t count = 1;
  int64_t every_steps = 1;
};

ValidationPlan plan_validations(const PlanInput& input, const Config& draft) {
  constexpr double kMost = 20;
  ValidationPlan plan;
  plan.seconds = validation_seconds(input, draft);
  const double affordable = kShareOfValidation * input.limits.time->seconds / std::max(1e-9, plan.seconds);
  plan.count = static_cast<int64_t>(std::clamp(std::floor(affordable), 1.0, kMost));
  const double steps = std::max(1.0, expected_steps(input, draft));
  // The number of steps is chosen while the training runs: a little more keeps the last two validations apart.
  plan.every_steps = static_cast<int64_t>(std::ceil(steps / static_cast<double>(plan.count) * (plan.count == 1 ? 10 : 1)));
  return plan;
}

std::optional<Proposal> choose_validation(const PlanInput& input, const Config& draft) {
  if (!input.is_timed() || input.data.val_images == 0) return {};
  const ValidationPlan plan = plan_validations(input, draft);
  return Proposal{std::to_string(plan.every_steps),
                  plan.count == 1 && plan.seconds > 0.5 * kShareOfValidation * input.limits.time->seconds
                      ? fmt::format("only at the end: {} images take {:.1f} s", input.data.val_images, plan.seconds)
                      : fmt::format("{} times: {} images take {:.1f} s", plan.count, input.data.val_images, plan.seconds)};
}

std::optional<Proposal> choose_validation_share(const PlanInput& input, const Config&) {
  if (!input.limits.time) return {};
  return Proposal{fmt::format("{}", kShareOfValidation), "the rest of the time is for training"};
}

}  // namespace

std::vector<PlannerChoice> training_choices() {
  return {{"train.time_budget", choose_time_budget},
          {"train.lr", choose_lr},
          {"train.ema_decay", choose_ema_decay},
          {"train.validate_every_steps", choose_validation},
          {"train.validation_share", choose_validation_share}};
}

}  // namespace unet
