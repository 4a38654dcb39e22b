#include <spdlog/spdlog.h>
#include <torch/torch.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/checkpoint/checkpoint.h"
#include "app/commands/commands.h"
#include "app/run/environment.h"
#include "app/run/logging.h"
#include "app/run/recorder.h"
#include "app/run/run_folder.h"
#include "app/run/stop_signal.h"
#include "app/training/trainer.h"
#include "configs/schema/writer.h"
#include "data/atomic_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

struct TrainArguments {
  std::string config;
  std::string data;
  std::vector<std::string> settings;
  std::string out;
  std::string init;
  std::string device = "auto";
  bool resume = false;
};

/// runs/NAME by the config, or by the data's folder.
std::string default_run(const TrainArguments& arguments) {
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

void write_run_files(const RunFolder& run, Config& config, const Execution& execution) {
  write_file(run.file("config.yaml").string(), to_yaml(config, Comments::meanings));
  write_file(run.file("environment.json").string(), environment(execution).dump(2) + "\n");
}

/// Refuses options and data that are not those of the checkpoint.
void check_resumable(const Checkpoint& checkpoint, Config& config, const TrainingData& data, const std::string& run) {
  Config stored;
  read_config(parse_yaml(checkpoint.config, run), stored);
  Config current;
  read_config(parse_yaml(portable_config(config), "config"), current);
  std::vector<std::string> refused;
  for (const std::string& difference : config_differences(stored, current)) {
    const std::string path = difference.substr(0, difference.find(':'));
    const auto& allowed = resumable_options();
    if (std::find(allowed.begin(), allowed.end(), path) == allowed.end()) refused.push_back(difference);
  }
  if (!refused.empty())
    fail(ErrorKind::config, "[resume] ", run, ": these options differ from those it was trained with:\n  ",
         join(refused, "\n  "), "\nOnly these may change: ", join(resumable_options()),
         ". For another training from these weights use --init.");
  if (checkpoint.data_fingerprint != data.fingerprint)
    fail(ErrorKind::data, "[resume] ", run, ": the training or validation data are not those it was trained with. ",
         "Bring them back, or start a new run from these weights with --init.");
}

void start(Trainer& trainer, const TrainArguments& arguments) {
  if (arguments.init.empty()) return;
  const std::string file = checkpoint_file(arguments.init);
  const auto left = trainer.init_from(load_checkpoint(file).weights_to_use());
  spdlog::info("init: weights from {}; left fresh: {}", file, left.empty() ? "none" : join(left));
}

void report_end(TrainingEnd end, const Trainer& trainer, const Config& config, const std::string& run) {
  const Position& at = trainer.position();
  if (end == TrainingEnd::interrupted) {
    spdlog::info("stopped at step {} of {}; go on with: unet train --resume --out {}", at.step, trainer.total_steps(),
                 run);
    return;
  }
  if (end == TrainingEnd::stopped_early)
    spdlog::info("stopped early: no better {} for {} validations", config.train.best_by, at.validations_without_gain);
  if (at.best_step > 0)
    spdlog::info("best {} {:.4f} at step {}: {}/checkpoints/best.safetensors", config.train.best_by, at.best_score,
                 at.best_step, run);
  spdlog::info("next:\n  unet evaluate {0} --data {1}\n  unet predict {0} IMAGES --out MASKS --save mask,overlay", run,
               config.data.dir);
}

int train(const TrainArguments& arguments) {
  const std::string out = arguments.out.empty() ? default_run(arguments) : arguments.out;
  const RunFolder run = arguments.resume ? RunFolder::open(out) : RunFolder::create(out);
  Config config;
  const Locations locations = read_config(gather_config(arguments, out), config);
  if (!arguments.data.empty()) config.data.dir = arguments.data;
  const auto& options = config.train;
  const Execution execution = choose_execution(arguments.device, options.precision, options.memory_format);
  log_to_file(run.file("train.log").string());
  catch_stop_signals();
  warn_of_slow_blas();
  at::globalContext().setDeterministicAlgorithms(options.deterministic, /*warn_only=*/false);
  at::globalContext().setBenchmarkCuDNN(!options.deterministic);

  const TrainingData data = prepare_data(config, locations);
  std::optional<Checkpoint> last;
  if (arguments.resume) {
    last = load_checkpoint(run.checkpoint("last").string());
    check_resumable(*last, config, data, out);
  }
  write_run_files(run, config, execution);
  Recorder recorder(run, config, last ? position_from_json(last->position).step : 0);
  Trainer trainer(config, data, execution, recorder, [&](const Checkpoint& checkpoint, bool is_best) {
    run.save_checkpoint(to_bytes(checkpoint), is_best);
  });
  int64_t parameters = 0;
  for (const auto& parameter : trainer.network().parameters()) parameters += parameter.numel();
  spdlog::info("model: {:.2f} million parameters; {}", static_cast<double>(parameters) / 1e6, execution.text());
  if (last) {
    trainer.restore(*last);
    spdlog::info("resumed at step {} of {}", trainer.position().step, trainer.total_steps());
  } else {
    start(trainer, arguments);
    run.save_checkpoint(to_bytes(trainer.checkpoint()), false);  // from here on the run can always be resumed
    spdlog::info("training {} steps in {} epochs; run folder: {}", trainer.total_steps(), options.epochs, out);
  }
  const TrainingEnd end = trainer.run(stop_signal_received);
  report_end(end, trainer, config, out);
  return end == TrainingEnd::interrupted ? kExitResumable : kExitDone;
}

}  // namespace

void add_train_command(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* command = app.add_subcommand("train", "Train a model on images and masks");
  command->add_option("config", arguments->config, "a YAML file or the name of a preset (see: unet config --presets)");
  command->add_option("--data", arguments->data, "the data set's folder, instead of data.dir");
  command->add_option("--set", arguments->settings, "KEY=VALUE, e.g. train.lr=3e-4; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--out", arguments->out, "the run's folder (default: runs/NAME)");
  CLI::Option* init =
      command->add_option("--init", arguments->init, "a checkpoint or run whose weights to start from, where they fit");
  command->add_flag("--resume", arguments->resume, "go on with the run in --out where it stopped")->excludes(init);
  command->add_option("--device", arguments->device, "auto, cpu or cuda:N");
  command->footer(
      "Examples:\n"
      "  unet train --data my-images --out runs/first\n"
      "  unet train membrane --data membrane --set train.epochs=30 --set train.lr=5e-4");
  command->callback([arguments, &chosen] { chosen = [arguments] { return train(*arguments); }; });
}

}  // namespace unet
