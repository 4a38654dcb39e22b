#pragma once

#include "app/bench/stopwatch.h"
#include "app/config/config.h"
#include "app/runtime/execution.h"

namespace unet {

/// Times of loading batches, and of training steps with and without loading.
struct LoadingBench {
  int64_t batch_size = 0;
  Timing batch;        ///< decoded, augmented and normalized by one thread, without the cache
  Timing step;         ///< training step on a batch in memory
  Timing loaded_step;  ///< training step on batches of data.num_workers threads, measured alternately with `step`
  double images_per_second() const { return static_cast<double>(batch_size) / batch.median(); }
};

/// Measures loading from data.dir. `config` is unresolved: the data determines its `auto` values. Throws Error(data).
LoadingBench bench_loading(Config config, const Execution& execution, int64_t repeat);

}  // namespace unet
