#include "app/commands/start_up.h"

#include <spdlog/spdlog.h>

#include <filesystem>

#include "app/checkpoint/checkpoint.h"
#include "app/import/encoder_weights.h"
#include "app/run/environment.h"
#include "app/run/stop_request.h"
#include "app/runtime/threads.h"
#include "configs/schema/presets.h"
#include "configs/schema/shell_text.h"
#include "configs/schema/text.h"

namespace unet {

Tree load_config(const std::string& name_or_path, const std::vector<std::string>& settings) {
  Tree tree = load_config(name_or_path);
  for (const std::string& setting : settings) set_value(tree, setting);
  return tree;
}

TrainingSetup::TrainingSetup(const Tree& tree, const std::string& data, const std::string& device) {
  locations = read_config(tree, config);
  if (!data.empty()) config.data.dir = data;
  execution = choose_execution(device, config.train);
  check_precision(config.train.precision, execution, locations.text("train.precision"));
}

Execution choose_execution(const std::string& device, const TrainOptions& train) {
  return choose_execution(device, train.precision, train.memory_format, train.fast_paths);
}

void log_threads(int64_t threads) {
  const ThreadChoice choice = choose_threads(threads);
  spdlog::info("{}: {}", counted(choice.count, "thread"), choice.reason);
}

void prepare_process(const TrainOptions& train, int64_t threads) {
  catch_stop_signals();
  log_threads(threads);
  warn_if_blas_is_slow();
  choose_cuda_kernels(train.deterministic);
}

InitialWeights read_initial_weights(const std::string& init) {
  if (init.empty()) return {};
  const std::string file = checkpoint_file(init);
  return {file, load_checkpoint(file).weights_to_use()};
}

void load_initial_weights(const Config& config, const InitialWeights& initial, const Graph& graph,
                          const std::function<std::vector<std::string>(const TensorMap&)>& load) {
  if (const auto& encoder = config.model.encoder_weights) {
    load(read_encoder_weights(*encoder, graph));
    spdlog::info("encoder: loaded weights from {}", *encoder);
  }
  if (initial.file.empty()) return;
  const auto unmatched = load(initial.weights);
  spdlog::info("init: loaded weights from {}; unmatched tensors: {}", initial.file,
               unmatched.empty() ? "none" : join(unmatched));
}

void check_config_argument(const std::string& config, const std::string& command) {
  namespace fs = std::filesystem;
  if (config.empty() || find_preset(config) != nullptr) return;
  const std::string shown = shell_text(config);
  if (fs::is_directory(config) && fs::exists(fs::path(config) / "checkpoints"))
    fail(ErrorKind::usage, config,
         ": is the folder of a run, expected a YAML file or the name of a preset. Its config: ", command, " ",
         shell_text((fs::path(config) / "config.yaml").string()), ". To resume it: unet train --resume --out ", shown);
  if (fs::is_directory(config))
    fail(ErrorKind::usage, config,
         ": is a folder, expected a YAML file or the name of a preset. To use its data: ", command, " --data ", shown);
  if (fs::path(config).extension() == ".safetensors")
    fail(ErrorKind::usage, config,
         ": is a checkpoint, expected a YAML file or the name of a preset. To start from its ",
         "weights: unet train --init ", shown, " --data DIR");
}

}  // namespace unet
