#pragma once

#include <cstdint>
#include <string>

#include "app/config/config.h"
#include "app/runtime/execution.h"

namespace unet {

/// Speed of a network: seconds per megapixel that it sees.
struct NetworkSpeed {
  int64_t width = 0;   ///< model.base_channels
  double train = 0;    ///< of a training step, without the loading of its images
  double predict = 0;  ///< of a prediction, without the reading of the image
  /// Whether this process had its processors to itself meanwhile, so that the speed is that of the machine.
  bool is_undisturbed = true;
};

/// Identifies what `measure_speed` measures: processor, LibTorch, build, threads, execution, network and sizes.
std::string speed_key(const Config& config, const Execution& execution);

/// Measures steps on random images of data.size in batches of train.batch_size, and the prediction of one such image.
/// Stops after about `seconds`, but makes two measured steps. `config` is resolved. Throws Error(interrupted).
NetworkSpeed measure_speed(const Config& config, const Execution& execution, double seconds);

}  // namespace unet
