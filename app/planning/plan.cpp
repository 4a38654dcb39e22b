#include "app/planning/plan.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "app/inspection/memory_forecast.h"
#include "app/planning/memory_size.h"
#include "app/planning/peak_memory.h"
#include "app/runtime/allocator.h"
#include "configs/schema/reader.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

void set_option(Config& config, const std::string& path, const std::string& value) {
  Tree tree{Tree::Kind::map, {}, "", {}, {}};
  set_value(tree, path + "=" + value);
  read_options(tree, config);
}

/// Time for measuring the machine: 3% of the training, at most 20 seconds.
double measuring_seconds(const PlanLimits& limits) {
  constexpr double kShare = 0.03, kLeast = 0.5, kMost = 20;
  return std::clamp(kShare * limits.time->seconds, kLeast, kMost);
}

void measure_machine(PlanInput& input, const PlanSubject& subject, const Config& config) {
  Config draft = config;
  choose_options(input, subject.given, draft);
  std::vector<int64_t> widths{16, 32, 8};  // the most likely first, in case the time is over
  if (is_given(subject.given, "model.base_channels")) widths = {draft.model.base_channels};
  measure_widths(input.machine, draft, subject.execution, widths, measuring_seconds(input.limits));
  const std::vector<size_t> train = subject.dataset.usable({kTrain});
  if (!train.empty()) measure_loading(input.machine, draft, subject.dataset.samples[train.front()]);
}

/// Bytes of the decoded training images that stay in memory.
int64_t cached_bytes(const PlanInput& input, const Config& config) {
  const bool is_resized = config.data.size_policy == SizePolicy::resize;
  const double megapixels = is_resized ? sample_megapixels(config) : input.data.train_megapixels;
  const double pixel_bytes = static_cast<double>(*config.data.channels * input.data.bits / 8 + 1);
  const double all = 1e6 * megapixels * static_cast<double>(input.data.train_images) * pixel_bytes;
  return static_cast<int64_t>(std::min(all, static_cast<double>(config.data.cache_mb) * (1 << 20)));
}

WorkSizes work_sizes(const DataFacts& data, const Config& config) {
  return {config.train.batch_size, config.data.size.at(0), config.data.size.at(1), data.largest_height,
          data.largest_width};
}

/// Makes a training step fit into the memory, and returns the forecast of the whole program's peak.
int64_t plan_memory(Plan& plan, const PlanSubject& subject, int64_t program_bytes, Config& config) {
  const DataFacts& data = plan.input.data;
  const int64_t limit = plan.input.limits.memory_bytes;
  const auto step_bytes = [&](const Config& draft) {
    const StepForecast step(draft, work_sizes(data, draft), subject.execution, program_bytes);
    return step.bytes(draft.train.batch_size) + cached_bytes(plan.input, draft);
  };
  const auto forecast = [&] {
    return forecast_memory(config, work_sizes(data, config), subject.execution, program_bytes);
  };
  MemoryForecast memory = forecast();
  if (memory.training_step + cached_bytes(plan.input, config) > limit) {
    fit_into_memory(limit, step_bytes, subject.given, config, plan.options);
    memory = forecast();
  }
  const int64_t bytes = std::max(memory.training_step, memory.prediction) + cached_bytes(plan.input, config);
  if (bytes > limit)
    spdlog::warn(
        "{} in all may be needed, for an image of {}x{} and training steps; {} are available. Smaller: --set "
        "model.base_channels=8, or --set data.size_policy=resize",
        memory_size_text(bytes), data.largest_height, data.largest_width, memory_size_text(limit));
  return bytes;
}

Forecast forecast_of(const PlanInput& input, const Config& config, std::optional<int64_t> bytes) {
  Forecast forecast;
  if (input.limits.time) forecast.seconds = input.limits.time->seconds;
  forecast.memory_bytes = bytes;
  forecast.steps = static_cast<int64_t>(expected_steps(input, config));
  forecast.images = forecast.steps * config.train.batch_size * config.train.accumulate;
  return forecast;
}

}  // namespace

bool is_given(const Tree& given, const std::string& path) {
  const Tree* at = &given;
  std::istringstream keys(path);
  for (std::string key; std::getline(keys, key, '.');) {
    if (at->kind != Tree::Kind::map) return at->kind != Tree::Kind::null;
    at = at->find(key);
    if (at == nullptr) return false;
  }
  return true;
}

std::vector<PlannedOption> choose_options(const PlanInput& input, const Tree& given, Config& draft) {
  std::vector<PlannedOption> options;
  for (const PlannerChoice& row : planner_choices()) {
    const bool is_of_preset = starts_with(row.path, "augment.") && is_given(given, "augment.preset");
    if (is_given(given, row.path) || is_of_preset) continue;
    const std::optional<Proposal> proposal = row.choose(input, draft);
    if (!proposal) continue;
    set_option(draft, row.path, proposal->value);
    options.push_back({row.path, proposal->value, proposal->reason});
  }
  return options;
}

void fit_into_memory(int64_t memory_bytes, const std::function<int64_t(const Config&)>& bytes, const Tree& given,
                     Config& draft, std::vector<PlannedOption>& options) {
  const auto change = [&](const std::string& path, const std::string& value, const std::string& reason) {
    set_option(draft, path, value);
    const auto found =
        std::find_if(options.begin(), options.end(), [&](const auto& each) { return each.path == path; });
    if (found == options.end())
      options.push_back({path, value, reason});
    else
      *found = {path, value, reason};
  };
  constexpr const char* kWhy = "so that a step fits into the memory";
  while (bytes(draft) > memory_bytes) {
    if (draft.train.batch_size > 1 && !is_given(given, "train.batch_size"))
      change("train.batch_size", std::to_string(draft.train.batch_size / 2), kWhy);
    else if (!draft.train.checkpoint_activations && !is_given(given, "train.checkpoint_activations"))
      change("train.checkpoint_activations", "true", kWhy);
    else
      return;
  }
}

Plan make_plan(const PlanSubject& subject, const PlanLimits& limits, const std::function<bool()>& stop,
               Config& config) {
  const int64_t program_bytes = resident_bytes();
  Plan plan;
  plan.input.limits = limits;
  plan.input.data = gather_data_facts(subject.dataset, subject.class_share, stop);
  plan.input.machine.memory_bytes = limits.memory_bytes;
  const bool is_timed = limits.time.has_value();
  if (is_timed) measure_machine(plan.input, subject, config);
  plan.options = choose_options(plan.input, subject.given, config);
  std::optional<int64_t> bytes;
  if (is_timed && subject.execution.device.is_cpu()) bytes = plan_memory(plan, subject, program_bytes, config);
  plan.forecast = forecast_of(plan.input, config, bytes);
  reset_peak_memory();
  return plan;
}

}  // namespace unet
