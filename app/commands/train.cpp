#include <spdlog/spdlog.h>
#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "app/checkpoint/checkpoint.h"
#include "app/commands/commands.h"
#include "app/commands/find_lr.h"
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

/// The run's folder: as given; else runs/NAME by the config or by the data's folder; else, to resume, the newest one.
std::string run_path(const TrainArguments& arguments) {
  if (!arguments.out.empty()) return arguments.out;
  if (arguments.resume && arguments.config.empty() && arguments.data.empty()) return newest_run("runs");
  fs::path name = fs::path(arguments.config).stem();
  if (name.empty()) name = fs::path(arguments.data).lexically_normal().filename();
  if (name.empty()) name = fs::path(arguments.data).lexically_normal().parent_path().filename();
  return (fs::path("runs") / (name.empty() ? fs::path("train") : name)).string();
}

/// Everything given on the command line laid over one another. A resumed run starts from its own config.yaml.
Tree gather_config(const TrainArguments& arguments, const std::string& out) {
  Tree tree =
      arguments.resume ? load_config_file((fs::path(out) / "config.yaml").string()) : load_config(arguments.config);
  if (arguments.resume && !arguments.config.empty()) merge(tree, load_config(arguments.config));
  for (const std::string& setting : arguments.settings) set_value(tree, setting);
  return tree;
}

void write_run_files(const RunFolder& run, Config& config, const Execution& execution, int64_t step,
                     const RunClock& clock) {
  write_file(run.file("config.yaml").string(), to_yaml(config, Comments::meanings));
  record_start(run.file("environment.json").string(), execution, step, clock());
}

void start(Trainer& trainer, const Config& config, const TrainArguments& arguments) {
  const std::string& encoder = config.model.encoder_weights;
  if (encoder != "none") {
    trainer.init_from(read_encoder_weights(encoder, trainer.network().graph()));
    spdlog::info("encoder: weights from {}", encoder);
  }
  if (arguments.init.empty()) return;
  const std::string file = checkpoint_file(arguments.init);
  const auto left = trainer.init_from(load_checkpoint(file).weights_to_use());
  spdlog::info("init: weights from {}; left fresh: {}", file, left.empty() ? "none" : join(left));
}

void report_end(TrainingEnd end, const Trainer& trainer, const Config& config, const std::string& run,
                const StopRequest& stop) {
  const TrainingState at = trainer.state();
  if (end == TrainingEnd::interrupted) {
    spdlog::info("stopped at step {} of {}: {}; go on with: unet train --resume --out {}", at.step,
                 trainer.total_steps(), stop.reason(), shell_text(run));
    return;
  }
  if (end == TrainingEnd::stopped_early)
    spdlog::info("stopped early: no better {} for {} validations", config.train.best_by,
                 at.early_stopping.validations_without_gain);
  if (at.early_stopping.best_step > 0)
    spdlog::info("best {} {:.4f} at step {}: {}/checkpoints/best.safetensors", config.train.best_by,
                 at.early_stopping.best_score, at.early_stopping.best_step, run);
  spdlog::info("next:\n  unet evaluate {0} --data {1}\n  unet predict {0} IMAGES --out MASKS --save mask,overlay",
               shell_text(run), shell_text(config.data.dir));
}

/// Runs the training; where memory ends, says what would fit.
TrainingEnd run_or_advise(Trainer& trainer, const Config& config, const Execution& execution, StopRequest& stop) {
  try {
    return trainer.run(std::ref(stop));
  } catch (const std::exception& error) {
    if (!is_out_of_memory(error)) throw;
  }
  fail(ErrorKind::out_of_memory, "[train] step ", trainer.state().step + 1, ": out of memory. ",
       memory_advice(config, execution));
}

void warn_of_small_disk(const RunFolder& run) {
  std::error_code error;
  const auto size = fs::file_size(run.checkpoint("last"), error);
  const auto space = fs::space(run.path(), error);
  constexpr unsigned kCheckpoints = 4;  // last, previous, best, and the one that is being written
  if (!error && space.available < kCheckpoints * size)
    spdlog::warn("{}: {} MiB are free, the checkpoints of this run may need {}", run.path().string(),
                 space.available >> 20, kCheckpoints * size >> 20);
}

/// Goes on with a run's records, once it is sure that it is gone on with: until then they stay as they are.
void continue_records(const RunFolder& run, const LastCheckpoint& last) {
  cut_back_metrics(run.file("metrics.jsonl").string(), last.state.step, last.state.validation_due);
  cut_back_log(run.file("train.log").string(), last.state.step);
  log_to_file(run.file("train.log").string());
  for (const std::string& warning : last.warnings) spdlog::warn("{}", warning);
}

/// Of frozen parts that nothing brings weights for.
void warn_of_random_parts(const Config& config, const std::string& init) {
  std::vector<std::string> random = config.train.freeze;
  if (config.model.has_encoder_weights())
    random.erase(std::remove(random.begin(), random.end(), "encoder"), random.end());
  if (init.empty() && !random.empty())
    spdlog::warn("train.freeze without --init: {} will keep random weights", join(random));
}

}  // namespace

int run(const TrainArguments& arguments) {
  const std::string out = run_path(arguments);
  if (arguments.find_lr) return find_lr(arguments, arguments.out.empty() ? out + "-find-lr" : out);
  const RunFolder run = arguments.resume ? RunFolder::open(out) : RunFolder::create(out);
  const RunClock clock = start_run_clock(recorded_run_seconds(run));
  Config config;
  const Locations locations = read_config(gather_config(arguments, out), config);
  if (!arguments.data.empty()) config.data.dir = arguments.data;
  const auto& options = config.train;
  const Execution execution =
      choose_execution(arguments.device, options.precision, options.memory_format, options.fast_paths);
  check_precision(options.precision, execution, locations.text("train.precision"));
  std::optional<LastCheckpoint> last;
  if (arguments.resume)
    last = load_last(run);
  else
    log_to_file(run.file("train.log").string());
  catch_stop_signals();
  warn_of_slow_blas();
  choose_cuda_kernels(options.deterministic);

  if (!arguments.resume) check_encoder_weights(config.model.encoder_weights, locations);
  const TrainingData data = prepare_data(config, locations);
  if (last) {
    check_resumable(last->checkpoint, config, data, arguments.allow_changed_data, out);
    continue_records(run, *last);
  }
  write_run_files(run, config, execution, last ? last->state.step : 0, clock);
  warn_of_memory(config, execution);
  Recorder recorder(run, config, clock);
  const auto save = [&](const Checkpoint& checkpoint, const TrainingState& state) {
    run.save_checkpoint(to_bytes(checkpoint), role_of(state, options));
    spdlog::debug(saved_line(state.step));
  };
  Trainer trainer(config, data, execution, recorder, save, clock);
  int64_t parameters = 0;
  for (const auto& parameter : trainer.network().parameters()) parameters += parameter.numel();
  spdlog::info("model: {:.2f} million parameters; {}", static_cast<double>(parameters) / 1e6, execution.text());
  if (last) {
    trainer.restore(last->checkpoint);
    run.complete_save(role_of(trainer.state(), options));
    spdlog::info("{} resumed at step {} of {}", out, trainer.state().step, trainer.total_steps());
  } else {
    warn_of_random_parts(config, arguments.init);
    start(trainer, config, arguments);
    save(trainer.checkpoint(), trainer.state());  // from here on the run can always be resumed
    if (options.time_budget == "off")
      spdlog::info("training {} steps in {} epochs; run folder: {}", trainer.total_steps(), options.epochs, out);
    else
      spdlog::info("training for {}; run folder: {}", options.time_budget, out);
  }
  warn_of_small_disk(run);
  StopRequest stop(run, parse_duration(options.max_time), clock);
  const TrainingEnd end = run_or_advise(trainer, config, execution, stop);
  report_end(end, trainer, config, out, stop);
  return end == TrainingEnd::interrupted ? kExitResumable : kExitDone;
}

}  // namespace unet
