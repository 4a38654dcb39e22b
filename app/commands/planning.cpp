#include "app/commands/planning.h"

#include <fmt/format.h>

#include "app/planning/memory_size.h"
#include "app/run/stop_request.h"
#include "configs/schema/text.h"
#include "data/files/memory_limit.h"

namespace unet {
namespace {

/// Checks what was chosen as if the user had given it.
void check_plan(TrainingSetup& setup, Dataset& dataset) {
  dataset.options = setup.config.data;
  refuse_problems(setup.config.data.dir, accept_dataset(setup.config, setup.locations, dataset));
}

/// The decision on the size is the plan's now.
void replace_size(std::vector<std::string>& decisions, const DataOptions& data) {
  for (std::string& decision : decisions)
    if (starts_with(decision, "size: "))
      decision = fmt::format("size: {}x{} (height x width), {}, as planned", data.size.at(0), data.size.at(1),
                             enum_name(data.size_policy));
}

/// Whether values that the data determine depend on a normalization that was chosen after they were.
bool needs_new_statistics(Normalize before, Normalize after) {
  return before != after && (before == Normalize::percentile || after == Normalize::percentile);
}

void forget_statistics(DataOptions& data, const Tree& given) {
  if (!is_given(given, "data.mean")) data.mean.clear();
  if (!is_given(given, "data.std")) data.std.clear();
  if (!is_given(given, "data.min")) data.min.clear();
  if (!is_given(given, "data.max")) data.max.clear();
}

}  // namespace

PlanLimits plan_limits(const Tree& given, const Config& config, const std::string& memory) {
  PlanLimits limits;
  limits.memory_bytes = memory_limit();
  if (!memory.empty()) {
    const auto bytes = parse_memory_size(memory);
    if (!bytes) fail(ErrorKind::usage, "--memory: got '", memory, "', expected a size, e.g. 8G or 512M");
    limits.memory_bytes = *bytes;
  }
  if (config.train.time_budget) {
    limits.time = config.train.time_budget;
    limits.time_reason = "given";
  } else if (!is_given(given, "train.epochs")) {
    limits.time = Duration{kDefaultPlanTime, *parse_duration(kDefaultPlanTime)};
    limits.time_reason = "the default; --time gives another";
  }
  return limits;
}

std::string planning_text(const PlanLimits& limits) {
  if (!limits.time) return "planning a training whose length train.epochs gives";
  return fmt::format("planning a training of {} ({})", limits.time->text, limits.time_reason);
}

PlannedTraining plan_training(TrainingSetup& setup, const Tree& given, const PlanLimits& limits, StoredScans stored) {
  Config& config = setup.config;
  Dataset dataset = open_training_dataset(config, setup.locations, stop_signal_received, stored);
  const Normalize normalize = config.data.normalize;
  const std::vector<double> shares = training_class_share(dataset);
  PlannedTraining planned;
  planned.plan = make_plan({dataset, shares, given, setup.execution}, limits, stop_signal_received, config);
  if (needs_new_statistics(normalize, config.data.normalize)) {
    forget_statistics(config.data, given);
    planned.data = prepare_data(config, setup.locations, stop_signal_received, StoredScans::reused);
    return planned;
  }
  check_plan(setup, dataset);
  replace_size(dataset.decisions, config.data);
  planned.data = list_training_data(config, dataset);
  return planned;
}

}  // namespace unet
