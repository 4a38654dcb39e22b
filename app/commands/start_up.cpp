#include "app/commands/start_up.h"

#include <spdlog/spdlog.h>

#include "app/checkpoint/checkpoint.h"
#include "app/import/encoder_weights.h"
#include "app/run/environment.h"
#include "app/run/stop_request.h"
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

void prepare_process(const TrainOptions& train) {
  catch_stop_signals();
  warn_if_blas_is_slow();
  choose_cuda_kernels(train.deterministic);
}

void load_initial_weights(const Config& config, const std::string& init, const Graph& graph,
                          const std::function<std::vector<std::string>(const TensorMap&)>& load) {
  if (const auto& encoder = config.model.encoder_weights) {
    load(read_encoder_weights(*encoder, graph));
    spdlog::info("encoder: loaded weights from {}", *encoder);
  }
  if (init.empty()) return;
  const std::string file = checkpoint_file(init);
  const auto unmatched = load(load_checkpoint(file).weights_to_use());
  spdlog::info("init: loaded weights from {}; unmatched tensors: {}", file,
               unmatched.empty() ? "none" : join(unmatched));
}

}  // namespace unet
