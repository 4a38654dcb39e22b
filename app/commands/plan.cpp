#include "app/commands/plan.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/commands/planning.h"
#include "app/planning/plan_text.h"
#include "app/runtime/standard_output.h"
#include "configs/schema/shell_text.h"
#include "configs/schema/text.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

/// Returns the values of `--set`, and of `--time`.
std::vector<std::string> plan_settings(const PlanCommand& command) {
  std::vector<std::string> all = command.settings;
  if (command.time.empty()) return all;
  if (!parse_duration(command.time))
    fail(ErrorKind::usage, "--time: got '", command.time, "', expected a time, e.g. 30m or 1h30m");
  for (const std::string& setting : all)
    if (starts_with(setting, "train.time_budget="))
      fail(ErrorKind::usage, "got both --time ", command.time, " and --set ", setting, ". Omit one of them.");
  all.push_back("train.time_budget=" + command.time);
  return all;
}

/// Refuses a bad --out before the data are read.
void check_plan_file(const PlanCommand& command) {
  if (command.out.empty()) return;
  const std::filesystem::path folder = std::filesystem::path(command.out).parent_path();
  check_output_folder(folder.empty() ? "." : folder.string());
  if (std::filesystem::exists(command.out) && !command.overwrite)
    fail(ErrorKind::cannot_create, command.out,
         " already exists. Add --overwrite to replace it, or choose another --out.");
}

std::string plan_command_line(const PlanCommand& command) {
  std::string text = "unet plan " + shell_text(command.dir);
  if (!command.time.empty()) text += " --time " + shell_text(command.time);
  if (!command.memory.empty()) text += " --memory " + shell_text(command.memory);
  return text + settings_text(command.settings);
}

std::string training_command_line(const PlanCommand& command) {
  if (!command.out.empty()) return "unet train " + shell_text(command.out) + " --data " + shell_text(command.dir);
  std::string text = "unet train --data " + shell_text(command.dir);
  if (!command.time.empty()) text += " --time " + shell_text(command.time);
  return text + settings_text(command.settings);
}

}  // namespace

ExitCode PlanCommand::run() const {
  check_plan_file(*this);
  const Tree given = load_config("", plan_settings(*this));
  TrainingSetup setup(given, dir, device);
  const PlanLimits limits = plan_limits(given, setup.config, memory);
  spdlog::info("{}", planning_text(limits));
  prepare_process(setup.config.train, threads);
  const PlannedTraining planned = plan_training(setup, given, limits, stored_scans(rescan));
  print_data(json ? to_json(*planned.plan).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"
                  : to_table(*planned.plan));
  if (!out.empty()) {
    write_file(out, to_yaml(*planned.plan, given, plan_command_line(*this)));
    spdlog::info("wrote: {}", out);
  }
  spdlog::info("next:\n  {}", training_command_line(*this));
  return ExitCode::done;
}

}  // namespace unet
