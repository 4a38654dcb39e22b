#include "app/planning/plan_record.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/planning/memory_size.h"
#include "app/planning/plan_text.h"
#include "app/runtime/progress_bar.h"
#include "configs/schema/text.h"
#include "data/files/atomic_file.h"
#include "data/files/read_file.h"

namespace unet {
namespace {

using nlohmann::json;

std::string json_text(const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n"; }

/// "30m 4s of 30m (+0.2%)"; without a forecast, what came true alone.
std::string beside(const std::string& truth, const json& forecast, const std::string& forecast_text, double value) {
  if (!forecast.is_number() || forecast.get<double>() <= 0) return truth;
  return fmt::format("{} of {} ({:+.1f}%)", truth, forecast_text, 100 * (value / forecast.get<double>() - 1));
}

std::string outcome_text(const json& forecast, const Outcome& outcome) {
  const json seconds = forecast.value("seconds", json()), bytes = forecast.value("memory_bytes", json());
  std::vector<std::string> parts;
  parts.push_back("time " + beside(duration_text(outcome.seconds), seconds,
                                   seconds.is_number() ? duration_text(seconds) : "", outcome.seconds));
  if (outcome.memory_bytes > 0)
    parts.push_back("memory " + beside(memory_size_text(outcome.memory_bytes), bytes,
                                       bytes.is_number() ? memory_size_text(bytes) : "",
                                       static_cast<double>(outcome.memory_bytes)));
  const json steps = forecast.value("steps", json()), images = forecast.value("images", json());
  parts.push_back("steps " +
                  beside(std::to_string(outcome.steps), steps, steps.dump(), static_cast<double>(outcome.steps)));
  parts.push_back("images " +
                  beside(std::to_string(outcome.images), images, images.dump(), static_cast<double>(outcome.images)));
  return join(parts);
}

}  // namespace

void write_plan(const std::string& file, const Plan& plan) { write_file(file, json_text(to_json(plan))); }

void record_outcome(const std::string& file, const Outcome& outcome) {
  if (!std::filesystem::exists(file)) return;
  json plan = json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  if (!plan.is_object() || !plan.contains("forecast") || !plan["forecast"].is_object()) {
    spdlog::warn("{}: is damaged, so what came true is not recorded", file);
    return;
  }
  const json planned_seconds = plan["forecast"].value("seconds", json());
  if (planned_seconds.is_number() && planned_seconds.get<double>() != outcome.budget_seconds) return;
  spdlog::info("forecast and truth: {}", outcome_text(plan["forecast"], outcome));
  plan["truth"] = {{"seconds", outcome.seconds},
                   {"memory_bytes", outcome.memory_bytes},
                   {"steps", outcome.steps},
                   {"images", outcome.images}};
  write_file(file, json_text(plan));
}

}  // namespace unet
