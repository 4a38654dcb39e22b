#include "app/run/resume.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Line about the first tensor that differs from the checkpoint's; "" if the network is the same.
std::string first_mismatch(const Checkpoint& checkpoint, const Config& config) {
  if (!config.model.num_classes || !config.data.channels) return "";
  const auto mismatches = tensor_mismatches(checkpoint.weights, describe_unet(config.model, *config.data.channels));
  return mismatches.empty() ? "" : concat("\nThe first tensor that differs: ", mismatches[0].text, ".");
}

/// Whether a difference is a value that the data determine and that an earlier program did not record. The data
/// themselves are compared by their fingerprint.
bool is_filled_in(const std::string& difference) {
  return difference.rfind("data.", 0) == 0 && difference.find(": auto -> ") != std::string::npos;
}

bool is_allowed(const std::string& difference) {
  const auto& allowed = resumable_options();
  const std::string path = difference.substr(0, difference.find(':'));
  return is_filled_in(difference) || std::find(allowed.begin(), allowed.end(), path) != allowed.end();
}

std::vector<std::string> refused_differences(const Checkpoint& checkpoint, Config& config, const std::string& run) {
  const Config stored = stored_config(checkpoint.config, run);
  const Config current = stored_config(portable_config(config), "config");
  std::vector<std::string> refused;
  for (const std::string& difference : config_differences(stored, current))
    if (!is_allowed(difference)) refused.push_back(difference);
  return refused;
}

/// Why the checkpoint cannot be read; "" if it can be read or does not exist.
std::string fault_of(const fs::path& checkpoint) {
  if (!fs::exists(checkpoint)) return "";
  try {
    load_checkpoint(checkpoint.string());
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

std::string newest_of_name(const std::string& path) {
  std::string newest = path;
  fs::file_time_type saved = fs::file_time_type::min();
  std::error_code error;
  for (int number = 1; number == 1 || fs::exists(concat(path, "-", number)); ++number) {
    const std::string numbered = number == 1 ? path : concat(path, "-", number);
    const auto time = fs::last_write_time(fs::path(numbered) / "checkpoints" / "last.safetensors", error);
    if (error || time <= saved) continue;
    saved = time;
    newest = numbered;
  }
  return newest;
}

std::string newest_run(const std::string& folder) {
  fs::path newest;
  fs::file_time_type saved = fs::file_time_type::min();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto time = fs::last_write_time(entry.path() / "checkpoints" / "last.safetensors", error);
    if (error || time <= saved) continue;
    saved = time;
    newest = entry.path();
  }
  if (newest.empty())
    fail(ErrorKind::missing_input, "no run in ", folder, "/. Name the run: unet train --resume --out RUN");
  return newest.string();
}

CheckpointRole role_of(const TrainingState& state, const TrainOptions& options) {
  CheckpointRole role;
  role.is_best = state.is_best();
  role.max_kept = options.keep_steps;
  if (options.save_every_steps && state.step % *options.save_every_steps == 0) role.keep_step = state.step;
  return role;
}

LastCheckpoint load_last(const RunFolder& run) {
  const std::string previous = run.checkpoint("previous").string();
  const auto load = [](const std::string& path) {
    Checkpoint checkpoint = load_checkpoint(path);
    const TrainingState state = training_state_from_json(checkpoint.state);
    return LastCheckpoint{std::move(checkpoint), state, {}};
  };
  try {
    return load(run.checkpoint("last").string());
  } catch (const Error& error) {
    if (!fs::exists(previous)) throw;
    LastCheckpoint fallback = load(previous);
    fallback.warnings = {error.what(), concat("resuming from ", previous, ", saved after step ", fallback.state.step)};
    run.restore_previous();
    const fs::path best = run.checkpoint("best");
    if (const std::string fault = fault_of(best); !fault.empty()) {
      fs::remove(best);
      fallback.warnings.push_back(fault + " Removed it; the next validation with a better score saves a new one.");
    }
    return fallback;
  }
}

void check_resumable(const Checkpoint& checkpoint, Config& config, const TrainingData& data, bool data_may_change,
                     const std::string& run) {
  const auto refused = refused_differences(checkpoint, config, run);
  if (!refused.empty())
    fail(ErrorKind::config, run, ": options differ from those of the run. Leave them as they were, or ",
         "start a new run from its weights: unet train --init ", run, "\n  ", join(refused, "\n  "),
         first_mismatch(checkpoint, config), "\nOptions that may change on resume: ", join(resumable_options()), ".");
  if (checkpoint.data_fingerprint == data.fingerprint) return;
  if (!data_may_change)
    fail(ErrorKind::data, run, ": the training or validation data has changed since the run was started. ",
         "Restore it, or accept the change: unet train --resume --out ", run,
         " --allow-changed-data. To start a new run from these weights: unet train --init ", run);
  spdlog::warn(
      "the training or validation data has changed since {} was started; continuing with --allow-changed-data. The "
      "result will not be that of an uninterrupted run",
      run);
}

}  // namespace unet
