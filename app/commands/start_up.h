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

/// Logs the number of threads and why; `threads` is the value of `--threads`, see `choose_threads`.
void log_threads(int64_t threads);

/// Catches stop signals, logs the number of threads (see choose_threads), warns about a slow BLAS and chooses CUDA
/// kernels.
void prepare_process(const TrainOptions& train, int64_t threads);

/// The weights that `--init` names.
struct InitialWeights {
  std::string file;  ///< "" without `--init`
  TensorMap weights;
};

/// Reads them; `init` is a checkpoint, a run, or "". Throws Error(missing_input), Error(data).
InitialWeights read_initial_weights(const std::string& init);

/// Loads the initial weights of a training: those of model.encoder_weights, then those of `--init`. `load` copies the
/// tensors that match into the network of `graph`, and returns the names of its others.
void load_initial_weights(const Config& config, const InitialWeights& initial, const Graph& graph,
                          const std::function<std::vector<std::string>(const TensorMap&)>& load);

/// Refuses a config argument that is no config: a folder of data or of a run, or a checkpoint. The message has the
/// command line that was meant; `command` is the part of it before the arguments, e.g. "unet train".
void check_config_argument(const std::string& config, const std::string& command);

}  // namespace unet
