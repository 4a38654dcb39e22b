#pragma once

#include <optional>
#include <string>

#include "app/commands/start_up.h"
#include "app/planning/plan.h"
#include "app/training/training_data.h"

namespace unet {

// What `unet plan` and a training without a config share.

/// The time of a training for which nobody gave one.
inline constexpr const char* kDefaultPlanTime = "30m";

/// The limits of a plan for these options, whose `config` was read from `given`. `memory`: the value of `--memory`, or
/// "" for that of the machine. Throws Error(usage).
PlanLimits plan_limits(const Tree& given, const Config& config, const std::string& memory);

/// "planning a training of 30m (default; --time 2h gives another)".
std::string planning_text(const PlanLimits& limits);

/// The data of a training, and the plan of its options if they are planned.
struct PlannedTraining {
  std::optional<Plan> plan;
  TrainingData data;
};

/// Opens the data of `setup`, and chooses every option that is not given. Throws as `prepare_data` does.
PlannedTraining plan_training(TrainingSetup& setup, const Tree& given, const PlanLimits& limits, StoredScans stored);

}  // namespace unet
