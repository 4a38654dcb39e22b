#pragma once

#include <cstdint>
#include <memory>

#include "app/config/config.h"
#include "app/runtime/execution.h"

namespace unet {

/// Sizes for which memory is forecast, in pixels.
struct WorkSizes {
  int64_t batch_size = 1;                           ///< samples in a training batch
  int64_t training_height = 0, training_width = 0;  ///< size of a training sample
  int64_t image_height = 0, image_width = 0;        ///< size of the image to predict
};

/// Forecast of the peak of the allocated bytes for any number of pixels.
class PeakForecast;

/// Peak memory of the whole process in a training step on a CPU, for any batch size, from one rehearsal.
class StepForecast {
 public:
  /// The arguments are those of forecast_memory.
  StepForecast(const Config& config, const WorkSizes& sizes, const Execution& execution, int64_t program_bytes);
  ~StepForecast();

  int64_t bytes(int64_t batch_size) const;

  int64_t checkpoint_bytes() const { return checkpoint_; }

 private:
  std::unique_ptr<PeakForecast> peak_;
  int64_t pixels_;  ///< pixels of a padded sample
  int64_t rehearsed_batch_;
  int64_t prefetched_bytes_per_sample_;  ///< memory of all prefetched batches, per sample of a batch
  int64_t program_bytes_;
  int64_t checkpoint_ = 0;
};

/// Peak memory of the whole process on a CPU, in bytes.
struct MemoryForecast {
  int64_t program = 0;        ///< code and libraries, before a network exists; included in the others
  int64_t training_step = 0;  ///< with the prefetched batches, without cached images
  int64_t prediction = 0;     ///< one image, with the loading of the checkpoint
};

/// Forecasts peak memory: rehearses the work on small images, logs every allocation and extrapolates the logs to the
/// given sizes. Works for any network, loss, optimizer and version of LibTorch. `config` is resolved except for paths;
/// `program_bytes` is the resident memory before anything large was allocated.
MemoryForecast forecast_memory(const Config& config, const WorkSizes& sizes, const Execution& execution,
                               int64_t program_bytes);

}  // namespace unet
