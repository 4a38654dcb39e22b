#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/planning/plan_input.h"

namespace unet {

/// One row of the table of choices: an option, and how its value follows from the facts. `draft` has the values of the
/// user and of the rows before, so that a choice fits them. Without a proposal the option keeps its default.
struct PlannerChoice {
  const char* path;
  std::optional<Proposal> (*choose)(const PlanInput& input, const Config& draft);
};

/// All choices, in the order in which they are made.
const std::vector<PlannerChoice>& planner_choices();

// The parts of the table, by subject.
std::vector<PlannerChoice> network_choices();
std::vector<PlannerChoice> sampling_choices();
std::vector<PlannerChoice> augmentation_choices();
std::vector<PlannerChoice> loss_choices();
std::vector<PlannerChoice> training_choices();

/// Optimizer steps that the draft's training will have: those that fit into the time, or those of train.epochs.
double expected_steps(const PlanInput& input, const Config& draft);

/// How often each of the `distinct_samples` will be seen.
double expected_passes(const PlanInput& input, const Config& draft);

/// Seconds of one validation on all validation images.
double validation_seconds(const PlanInput& input, const Config& draft);

/// Megapixels of a training sample.
double sample_megapixels(const Config& draft);

/// Whether the program has an option with this key path.
bool has_option(const std::string& path);

}  // namespace unet
