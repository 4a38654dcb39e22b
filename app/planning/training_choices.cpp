#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/planning/choices.h"
#include "configs/schema/text.h"

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
  return Proposal{fmt::format("{:.3f}", decay), "an average over 5% of about " + counted(std::lround(steps), "step")};
}

/// The training itself chooses how often and on how many images it validates, at the speed that it measures.
std::optional<Proposal> choose_validation_share(const PlanInput& input, const Config& draft) {
  if (!input.is_timed() || input.data.val_images == 0 || !draft.train.time_budget) return {};
  return Proposal{fmt::format("{}", kShareOfValidation),
                  fmt::format("a validation on {} takes {:.1f} s", counted(input.data.val_images, "image"),
                              validation_seconds(input, draft))};
}

}  // namespace

std::vector<PlannerChoice> training_choices() {
  return {{"train.time_budget", choose_time_budget},
          {"train.lr", choose_lr},
          {"train.ema_decay", choose_ema_decay},
          {"train.validation_share", choose_validation_share}};
}

}  // namespace unet
