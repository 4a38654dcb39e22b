#include "app/commands/train.h"

#include <spdlog/spdlog.h>
#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "app/checkpoint/checkpoint.h"
#include "app/commands/find_lr.h"
#include "app/commands/start_up.h"
#include "app/import/encoder_weights.h"
#include "app/inspection/memory_advice.h"
#include "app/run/environment.h"
#include "app/run/recorder.h"
#include "app/run/records.h"
#include "app/run/resume.h"
#include "app/run/run_folder.h"
#include "app/run/stop_request.h"
#include "app/runtime/logging.h"
#include "app/runtime/out_of_memory.h"
#include "app/runtime/run_clock.h"
#include "app/runtime/shell_text.h"
#include "app/training/trainer.h"
#include "configs/schema/duration.h"
#include "configs/schema/writer.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Path of the run folder: --out, or runs/NAME for the name of the config or of the data folder; to resume without
/// either, the newest run.
std::string run_path(const TrainCommand& command) {
  if (!command.out.empty()) return command.out;
  if (command.resume && command.config.empty() && command.data.empty()) return newest_run("runs");
  fs::path name = fs::path(command.config).stem();
  if (name.empty()) name = fs::path(command.data).lexically_normal().filename();
  if (name.empty()) name = fs::path(command.data).lexically_normal().parent_path().filename();
  return (fs::path("runs") / (name.empty() ? fs::path("train") : name)).string();
}

/// Loads the config with the values of `--set`. The config of a resumed run is its own config.yaml, overridden by the
/// command line.
Tree load_run_config(const TrainCommand& command, const std::string& out) {
  if (!command.resume) return load_config(command.config, command.settings);
  Tree tree = load_config_file((fs::path(out) / "config.yaml").string());
  if (!command.config.empty()) merge(tree, load_config(command.config));
  for (const std::string& setting : command.settings) set_value(tree, setting);
  return tree;
}

void write_run_files(const RunFolder& run, Config& config, const Execution& execution, int64_t step,
                     const RunClock& clock) {
  write_file(run.file("config.yaml").string(), to_yaml(config, Comments::meanings));
  record_start(run.file("environment.json").string(), execution, step, clock());
}

void report_end(TrainingEnd end, const Trainer& trainer, const Config& config, const std::string& run,
                const StopRequest& stop) {
  const TrainingState state = trainer.state();
  if (end == TrainingEnd::interrupted) {
    spdlog::info("stopped at step {} of {}: {}", state.step, trainer.total_steps(), stop.reason());
    spdlog::info("To resume: unet train --resume --out {}", shell_text(run));
    return;
  }
  if (end == TrainingEnd::stopped_early)
    spdlog::info("stopped early: {} did not improve for {} validations", config.train.best_by,
                 state.early_stopping.validations_without_gain);
  if (state.early_stopping.best_step > 0)
    spdlog::info("best {} {:.4f} at step {}: {}/checkpoints/best.safetensors", config.train.best_by,
                 state.early_stopping.best_score, state.early_stopping.best_step, run);
  spdlog::info("next:\n  unet evaluate {0} --data {1}\n  unet predict {0} IMAGES --out MASKS --save mask,overlay",
               shell_text(run), shell_text(config.data.dir));
}

/// Runs the training. When memory runs out, the error names a batch size that would fit.
TrainingEnd run_or_advise(Trainer& trainer, const Config& config, const Execution& execution, StopRequest& stop) {
  try {
    return trainer.run(std::ref(stop));
  } catch (const std::exception& error) {
    if (!is_out_of_memory(error)) throw;
  }
  fail(ErrorKind::out_of_memory, "[train] step ", trainer.state().step + 1, ": out of memory. ",
       memory_advice(config, execution));
}

void warn_if_disk_is_small(const RunFolder& run) {
  std::error_code error;
  const auto size = fs::file_size(run.checkpoint("last"), error);
  const auto space = fs::space(run.path(), error);
  constexpr unsigned kCheckpoints = 4;  // last, previous, best, and the one being written
  if (!error && space.available < kCheckpoints * size)
    spdlog::warn("{}: {} MiB are free, but the checkpoints of this run may need {} MiB. Free some space",
                 run.path().string(), space.available >> 20, kCheckpoints * size >> 20);
}

/// Truncates the records of a run to its checkpoint. Call it after every check that can reject the resume, so that a
/// rejected resume changes nothing.
void continue_records(const RunFolder& run, const LastCheckpoint& last) {
  truncate_metrics(run.file("metrics.jsonl").string(), last.state.step, last.state.validation_due);
  truncate_log(run.file("train.log").string(), last.state.step);
  log_to_file(run.file("train.log").string());
  for (const std::string& warning : last.warnings) spdlog::warn("{}", warning);
}

/// Warns about frozen parts whose weights would stay random.
void warn_frozen_random_weights(const Config& config, const std::string& init) {
  std::vector<std::string> random = config.train.freeze;
  if (config.model.encoder_weights) random.erase(std::remove(random.begin(), random.end(), "encoder"), random.end());
  if (init.empty() && !random.empty())
    spdlog::warn("train.freeze without --init: {} will keep their random weights. Pass --init CHECKPOINT",
                 join(random));
}

void log_model(Trainer& trainer, const Execution& execution) {
  int64_t parameters = 0;
  for (const auto& parameter : trainer.network().parameters()) parameters += parameter.numel();
  spdlog::info("model: {:.2f} million parameters; {}", static_cast<double>(parameters) / 1e6, execution.text());
}

void resume_training(Trainer& trainer, const Checkpoint& checkpoint, const RunFolder& run,
                     const TrainOptions& options) {
  trainer.restore(checkpoint);
  run.complete_save(role_of(trainer.state(), options));
  spdlog::info("{} resumed at step {} of {}", run.path().string(), trainer.state().step, trainer.total_steps());
}

void begin_training(Trainer& trainer, const Config& config, const std::string& init, const SaveCheckpoint& save,
                    const std::string& out) {
  warn_frozen_random_weights(config, init);
  load_initial_weights(config, init, trainer.network().graph(),
                       [&](const TensorMap& weights) { return trainer.init_from(weights); });
  save(trainer.checkpoint(), trainer.state());  // from here on the run can always be resumed
  if (config.train.time_budget)
    spdlog::info("training for {}; run folder: {}", config.train.time_budget->text, out);
  else
    spdlog::info("training {} steps in {} epochs; run folder: {}", trainer.total_steps(), config.train.epochs, out);
}

}  // namespace

ExitCode TrainCommand::run() const {
  const std::string path = run_path(*this);
  if (find_lr) return find_learning_rate(*this, out.empty() ? path + "-find-lr" : path);
  const RunFolder folder = resume ? RunFolder::open(path) : RunFolder::create(path);
  const RunClock clock = start_run_clock(recorded_run_seconds(folder));
  TrainingSetup setup(load_run_config(*this, path), data, device);
  Config& config = setup.config;
  std::optional<LastCheckpoint> last;
  if (resume)
    last = load_last(folder);
  else
    log_to_file(folder.file("train.log").string());
  prepare_process(config.train);

  if (!resume) check_encoder_weights(config.model.encoder_weights, setup.locations);
  const TrainingData training_data = prepare_data(config, setup.locations);
  if (last) {
    check_resumable(last->checkpoint, config, training_data, allow_changed_data, path);
    continue_records(folder, *last);
  }
  write_run_files(folder, config, setup.execution, last ? last->state.step : 0, clock);
  warn_if_memory_is_short(config, setup.execution);
  Recorder recorder(folder, config, clock);
  const auto save = [&](const Checkpoint& checkpoint, const TrainingState& state) {
    folder.save_checkpoint(to_bytes(checkpoint), role_of(state, config.train));
    spdlog::debug(saved_line(state.step));
  };
  Trainer trainer(config, training_data, setup.execution, recorder, save, clock);
  log_model(trainer, setup.execution);
  if (last)
    resume_training(trainer, last->checkpoint, folder, config.train);
  else
    begin_training(trainer, config, init, save, path);
  warn_if_disk_is_small(folder);
  StopRequest stop(folder, config.train.max_time, clock);
  const TrainingEnd end = run_or_advise(trainer, config, setup.execution, stop);
  report_end(end, trainer, config, path, stop);
  return end == TrainingEnd::interrupted ? ExitCode::resumable : ExitCode::done;
}

}  // namespace unet
