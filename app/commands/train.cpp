#include "app/commands/train.h"

#include <spdlog/spdlog.h>
#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/checkpoint/checkpoint.h"
#include "app/commands/find_lr.h"
#include "app/commands/planning.h"
#include "app/commands/start_up.h"
#include "app/import/encoder_weights.h"
#include "app/inspection/memory_advice.h"
#include "app/planning/peak_memory.h"
#include "app/planning/plan_record.h"
#include "app/planning/plan_text.h"
#include "app/run/environment.h"
#include "app/run/lengthen.h"
#include "app/run/recorder.h"
#include "app/run/records.h"
#include "app/run/resume.h"
#include "app/run/run_folder.h"
#include "app/run/stop_request.h"
#include "app/runtime/logging.h"
#include "app/runtime/out_of_memory.h"
#include "app/runtime/run_clock.h"
#include "app/training/trainer.h"
#include "configs/schema/duration.h"
#include "configs/schema/shell_text.h"
#include "configs/schema/text.h"
#include "configs/schema/writer.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Folder of a run without --out: runs/NAME for the name of the config or of the data folder.
std::string default_path(const TrainCommand& command) {
  fs::path name = fs::path(command.config).stem();
  if (name.empty()) name = fs::path(command.data).lexically_normal().filename();
  if (name.empty()) name = fs::path(command.data).lexically_normal().parent_path().filename();
  return (fs::path("runs") / (name.empty() || name == "." || name == ".." ? fs::path("train") : name)).string();
}

/// Folder of the run to resume: --out, or the newest of the runs with the default name, or the newest run of all.
std::string path_to_resume(const TrainCommand& command) {
  if (!command.out.empty()) return command.out;
  if (command.config.empty() && command.data.empty()) return newest_run("runs");
  return newest_of_name(default_path(command));
}

/// Refuses a folder for which `create_run` would fail, before the data are read, and creates nothing.
void check_place(const TrainCommand& command) {
  if (command.out.empty())
    check_output_folder("runs");
  else
    RunFolder::check_creatable(command.out);
}

RunFolder create_run(const TrainCommand& command) {
  return command.out.empty() ? RunFolder::create_numbered(default_path(command)) : RunFolder::create(command.out);
}

/// Refuses values of `--time` that fit neither a new run nor the other arguments.
void check_time(const TrainCommand& command) {
  if (command.time.empty()) return;
  const bool is_longer = command.time[0] == '+';
  if (!parse_duration(command.time.substr(is_longer ? 1 : 0)))
    fail(ErrorKind::usage, "--time: got '", command.time, "', expected a time, e.g. 30m, 1h30m, or +20m with --resume");
  if (is_longer && !command.resume)
    fail(ErrorKind::usage, "--time ", command.time, ": lengthens a run. Name it: unet train --resume --out RUN --time ",
         command.time, ". For a new run: --time ", command.time.substr(1));
  for (const std::string& setting : command.settings)
    if (starts_with(setting, "train.time_budget="))
      fail(ErrorKind::usage, "got both --time ", command.time, " and --set ", setting, ". Omit one of them.");
}

/// Returns the values of `--set`, and of `--time`. `last` is set if a run is lengthened, `elapsed_seconds` its time.
std::vector<std::string> all_settings(const TrainCommand& command, const std::optional<LastCheckpoint>& last,
                                      double elapsed_seconds) {
  auto settings = command.settings;
  if (command.time.empty()) return settings;
  std::string time = command.time;
  if (last) {
    const Config before = stored_config(last->checkpoint.config, "the last checkpoint");
    time = duration_option(
        lengthened_budget(last->state, before.train, elapsed_seconds, *parse_duration(command.time.substr(1))));
  }
  settings.push_back("train.time_budget=" + time);
  return settings;
}

/// Loads the config with the values of `--set` and `--time`. The config of a resumed run is its own config.yaml,
/// overridden by the command line.
Tree load_run_config(const TrainCommand& command, const std::string& out, const std::vector<std::string>& settings) {
  if (!command.resume) return load_config(command.config, settings);
  Tree tree = load_config_file((fs::path(out) / "config.yaml").string());
  if (!command.config.empty()) merge(tree, load_config(command.config));
  for (const std::string& setting : settings) set_value(tree, setting);
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
    if (state.step > 0 && !state.transition.finishes)
      spdlog::info("For a finished model from here: unet train --finish {}", shell_text(run));
    return;
  }
  if (end == TrainingEnd::stopped_early)
    spdlog::info("stopped early: {} did not improve for {}", config.train.best_by,
                 counted(state.early_stopping.validations_without_gain, "validation"));
  const bool is_compared = state.validation.compared_step == state.step && state.step > 0;
  if (state.early_stopping.best_step > 0)
    spdlog::info("best {} {:.4f} at step {}: {}/checkpoints/best.safetensors", config.train.best_by,
                 is_compared ? state.validation.compared_score : state.early_stopping.best_score,
                 state.early_stopping.best_step, run);
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
  fail(ErrorKind::out_of_memory, "step ", trainer.state().step + 1, ": out of memory. ",
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
  const TrainingState& state = last.state;
  truncate_metrics(run.file("metrics.jsonl").string(), state.step, state.validation_due,
                   state.validation.compared_step == state.step);
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
  const Config before = stored_config(checkpoint.config, run.path().string());
  const auto& then = before.train.time_budget;
  if (!options.time_budget || (then && then->seconds == options.time_budget->seconds)) return;
  trainer.change_time_budget(before.train);
  spdlog::info("train.time_budget: {} -> {}: about {} in total", then ? then->text : "off", options.time_budget->text,
               counted(trainer.total_steps(), "step"));
}

/// Begins to finish a run that was stopped. A run that is finished already stays as it is.
void finish_training(Trainer& trainer, const std::string& run, double share) {
  const bool continues = trainer.state().transition.finishes && !trainer.is_finished();
  if (!trainer.finish(share)) return;
  const TrainingState state = trainer.state();
  spdlog::info("{}: {} from step {} to {}, while the learning rate falls from {:.3g} to 0", run,
               continues ? "continues to finish" : "finishes", state.transition.from_step, state.transition.to_step,
               state.transition.from_lr);
}

/// Says that a resumed run has come to its end, and how to train on.
void report_finished(const Trainer& trainer, const Config& config, const std::string& run) {
  const TrainingState at = trainer.state();
  const std::string shown = shell_text(run);
  if (at.transition.finishes)
    spdlog::info(
        "{}: nothing left to do: it was finished at step {}. To train longer:\n"
        "  unet train --resume --out {} --time +20m",
        run, at.step, shown);
  else if (at.early_stopping.stopped)
    spdlog::info(
        "{}: nothing left to do: it stopped early at step {}. To train on from its weights in a new run:\n"
        "  unet train {} --init {}",
        run, at.step, shell_text((fs::path(run) / "config.yaml").string()), shown);
  else if (!config.train.time_budget)
    spdlog::info(
        "{}: nothing left to do: {} and {} are done. To train longer:\n"
        "  unet train --resume --out {} --set train.epochs={}",
        run, counted(config.train.epochs, "epoch"), counted(at.step, "step"), shown, 2 * config.train.epochs);
  else
    spdlog::info(
        "{}: nothing left to do: {} fit into train.time_budget {}. To train longer:\n"
        "  unet train --resume --out {} --time +{}",
        run, counted(at.step, "step"), config.train.time_budget->text, shown,
        duration_option(config.train.time_budget->seconds / 2));
}

void begin_training(Trainer& trainer, const Config& config, const InitialWeights& initial, const SaveCheckpoint& save,
                    const std::string& out) {
  warn_frozen_random_weights(config, initial.file);
  load_initial_weights(config, initial, trainer.network().graph(),
                       [&](const TensorMap& weights) { return trainer.init_from(weights); });
  save(trainer.checkpoint(), trainer.state());  // from here on the run can always be resumed
  if (config.train.time_budget)
    spdlog::info("training for {}; run folder: {}", config.train.time_budget->text, out);
  else
    spdlog::info("training {} in {}; run folder: {}", counted(trainer.total_steps(), "step"),
                 counted(config.train.epochs, "epoch"), out);
}

/// Whether options that the user leaves open are planned: without a config, and where `--time` asks for it. The plan of
/// a resumed run is in its config.
bool plans_options(const TrainCommand& command) {
  return !command.resume && (command.config.empty() || !command.time.empty());
}

/// Opens the data, and plans if the command does. `given`: the options of the user.
PlannedTraining open_data(const TrainCommand& command, TrainingSetup& setup, const Tree& given) {
  const StoredScans stored = stored_scans(command.rescan);
  if (plans_options(command)) return plan_training(setup, given, plan_limits(given, setup.config, ""), stored);
  return {std::nullopt, prepare_data(setup.config, setup.locations, stop_signal_received, stored)};
}

/// What a training needs beside its folder.
struct PreparedTraining {
  TrainingSetup& setup;
  const TrainingData& data;
  const InitialWeights& initial;
  const std::optional<LastCheckpoint>& last;  ///< of a resumed run
  const RunClock& clock;
  const std::optional<Plan>& plan;     ///< of a new run
  std::optional<double> finish_share;  ///< of `--finish`
};

void record_plan(const RunFolder& folder, const Plan& plan) {
  spdlog::info("the plan, also in {}:\n{}", folder.file("plan.json").string(), trimmed(to_table(plan), "\n"));
  write_plan(folder.file("plan.json").string(), plan);
}

/// Records what came true of the plan.
void record_end(const RunFolder& folder, const Trainer& trainer, const TrainOptions& train, const RunClock& clock) {
  Outcome outcome{clock(), peak_resident_bytes(), trainer.state().step, 0, std::nullopt};
  outcome.images = outcome.steps * train.batch_size * train.accumulate;
  if (train.time_budget) outcome.budget_seconds = train.time_budget->seconds;
  record_outcome(folder.file("plan.json").string(), outcome);
}

ExitCode train_in(const RunFolder& folder, const PreparedTraining& prepared) {
  const std::string path = folder.path().string();
  const auto& last = prepared.last;
  Config& config = prepared.setup.config;
  const Execution& execution = prepared.setup.execution;
  if (!last) log_to_file(folder.file("train.log").string());
  write_run_files(folder, config, execution, last ? last->state.step : 0, prepared.clock);
  if (prepared.plan) record_plan(folder, *prepared.plan);
  warn_if_memory_is_short(config, execution);
  Recorder recorder(folder, config, prepared.clock);
  const auto save = [&](const Checkpoint& checkpoint, const TrainingState& state) {
    folder.save_checkpoint(to_bytes(checkpoint), role_of(state, config.train));
    spdlog::debug(saved_line(state.step));
  };
  const auto load_best = [&] { return load_checkpoint(folder.checkpoint("best").string()); };
  Trainer trainer(config, prepared.data, execution, recorder, save, prepared.clock, load_best);
  log_model(trainer, execution);
  if (last)
    resume_training(trainer, last->checkpoint, folder, config.train);
  else
    begin_training(trainer, config, prepared.initial, save, path);
  if (prepared.finish_share) finish_training(trainer, path, *prepared.finish_share);
  warn_if_disk_is_small(folder);
  StopRequest stop(folder, config.train.max_time, prepared.clock);
  if (last && trainer.is_finished()) {
    report_finished(trainer, config, path);
    report_end(TrainingEnd::finished, trainer, config, path, stop);
    return ExitCode::done;
  }
  const TrainingEnd end = run_or_advise(trainer, config, execution, stop);
  const bool is_as_planned = end != TrainingEnd::interrupted && !prepared.finish_share;
  if (is_as_planned) record_end(folder, trainer, config.train, prepared.clock);
  report_end(end, trainer, config, path, stop);
  return end == TrainingEnd::interrupted ? ExitCode::resumable : ExitCode::done;
}

/// Trains in a new folder, which a training that is refused before its first checkpoint does not leave behind.
ExitCode train_in_new_folder(const TrainCommand& command, const PreparedTraining& prepared) {
  RunFolder folder = create_run(command);
  try {
    return train_in(folder, prepared);
  } catch (const Error& error) {
    const bool is_refusal = error.kind() != ErrorKind::io && error.kind() != ErrorKind::cannot_create;
    if (is_refusal) folder.discard();
    throw;
  }
}

/// A run that train.max_time has stopped could not be finished.
void lift_max_time(Config& config, double elapsed_seconds) {
  auto& max_time = config.train.max_time;
  if (!max_time || max_time->seconds > elapsed_seconds) return;
  spdlog::info("--finish: train.max_time {} is over; it is off from now on", max_time->text);
  max_time.reset();
}

/// `--finish` resumes a run with another end.
ExitCode run_to_finish(const TrainCommand& command) {
  TrainCommand resumed = command;
  resumed.resume = true;
  resumed.out = command.finish;
  return resumed.run();
}

/// The checkpoint of a run that `--time` lengthens; its state says from where.
std::optional<LastCheckpoint> checkpoint_to_lengthen(const TrainCommand& command, const RunFolder* folder) {
  const bool is_longer = folder && !command.time.empty() && command.time[0] == '+';
  return is_longer ? std::optional(load_last(*folder)) : std::nullopt;
}

}  // namespace

ExitCode TrainCommand::run() const {
  check_config_argument(config, "unet train");
  check_time(*this);
  if (!finish.empty() && !resume) return run_to_finish(*this);
  if (find_lr) return find_learning_rate(*this, out.empty() ? default_path(*this) + "-find-lr" : out);
  const std::string path = resume ? path_to_resume(*this) : "";
  const auto folder = resume ? std::make_unique<RunFolder>(RunFolder::open(path)) : nullptr;
  if (!resume) check_place(*this);
  const RunClock clock = start_run_clock((folder ? recorded_run_seconds(*folder) : 0) + process_seconds());
  auto last = checkpoint_to_lengthen(*this, folder.get());
  const Tree given = load_run_config(*this, path, all_settings(*this, last, clock()));
  TrainingSetup setup(given, data, device);
  if (plans_options(*this)) spdlog::info("{}", planning_text(plan_limits(given, setup.config, "")));
  if (folder && !last) last = load_last(*folder);
  const InitialWeights initial = read_initial_weights(init);
  prepare_process(setup.config.train, threads);

  if (!folder) check_encoder_weights(setup.config.model.encoder_weights, setup.locations);
  const auto [plan, training_data] = open_data(*this, setup, given);
  PreparedTraining prepared{setup, training_data, initial, last, clock, plan, std::nullopt};
  if (!folder) return train_in_new_folder(*this, prepared);
  if (!finish.empty()) prepared.finish_share = share;
  if (!finish.empty()) lift_max_time(setup.config, clock());
  check_resumable(last->checkpoint, setup.config, training_data, allow_changed_data, path);
  continue_records(*folder, *last);
  return train_in(*folder, prepared);
}

}  // namespace unet
