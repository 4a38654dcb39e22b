#pragma once

#include <cstdint>
#include <memory>

#include "app/config/config.h"
#include "app/runtime/execution.h"

namespace unet {

/// What is asked of the memory: sizes in pixels.
struct MemoryQuestion {
  int64_t batch_size = 1;                           ///< of training
  int64_t training_height = 0, training_width = 0;  ///< of a training sample
  int64_t image_height = 0, image_width = 0;        ///< of the image to predict
};

/// The most bytes at once on any number of pixels.
class PeakForecast;

/// Bytes that the whole program holds in a training step, on a CPU, for any batch: rehearsed once.
class StepForecast {
 public:
  /// The arguments are those of forecast_memory.
  StepForecast(const Config& config, const MemoryQuestion& question, const Execution& execution, int64_t program_bytes);
  ~StepForecast();

  int64_t bytes(int64_t batch_size) const;

  int64_t checkpoint_bytes() const { return checkpoint_; }

 private:
  std::unique_ptr<PeakForecast> peak_;
  int64_t pixels_;  ///< of a sample, padded
  int64_t rehearsed_batch_;
  int64_t waiting_bytes_of_sample_;  ///< of the batches that wait, for each sample of a batch
  int64_t program_bytes_;
  int64_t checkpoint_ = 0;
};

/// Bytes that the whole program holds at its peak, on a CPU.
struct MemoryForecast {
  int64_t program = 0;        ///< of these, before there is a network: code and libraries
  int64_t training_step = 0;  ///< with batches of train.batch_size that wait; decoded images not counted
  int64_t prediction = 0;     ///< of one image, the checkpoint's reading included
};

/// Found by doing the work on small images, logging every allocation, and scaling the logs to the sizes asked for: so
/// it holds for every network, loss, optimizer and LibTorch. `config` is resolved but for paths; `program_bytes` is
/// what the program held before anything large was allocated.
MemoryForecast forecast_memory(const Config& config, const MemoryQuestion& question, const Execution& execution,
                               int64_t program_bytes);

}  // namespace unet
