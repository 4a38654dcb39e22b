#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/checkpoint/safetensors.h"
#include "app/config/config.h"
#include "app/runtime/execution.h"
#include "models/graph/graph.h"

namespace unet {

// Start-up shared by the commands that train or measure training.

/// Loads a config (a path, the name of a preset, or "") and applies the values of `--set` to it.
Tree load_config(const std::string& name_or_path, const std::vector<std::string>& settings);

/// The config of a training, and where and how it runs.
struct TrainingSetup {
  /// Reads the config. `data` replaces data.dir unless empty; `device` is the value of `--device`. Throws
  /// Error(config), also for a precision that the device cannot train in, and Error(unavailable) for a missing device.
  TrainingSetup(const Tree& tree, const std::string& data, const std::string& device);

  Config config;
  Locations locations;
  Execution execution;
};

/// The execution that `--device` and the `train` section choose.
Execution choose_execution(const std::string& device, const TrainOptions& train);

/// Catches stop signals, warns about a slow BLAS and chooses CUDA kernels. Call it once the log is open.
void prepare_process(const TrainOptions& train);

/// Loads the initial weights of a training: those of model.encoder_weights, then those of `init`, a checkpoint or run
/// ("" for none). `load` copies the tensors that match into the network of `graph`, and returns the names of the
/// network's other tensors.
void load_initial_weights(const Config& config, const std::string& init, const Graph& graph,
                          const std::function<std::vector<std::string>(const TensorMap&)>& load);

}  // namespace unet
