#pragma once

#include "app/bench/stopwatch.h"
#include "app/config/config.h"
#include "app/runtime/execution.h"

namespace unet {

struct LoadingBench {
  int64_t batch_size = 0;
  Timing batch;        ///< decoded, augmented and normalised by one thread, nothing kept from before
  Timing step;         ///< of training, the batch at hand
  Timing loaded_step;  ///< the same, batches by data.num_workers threads, in turns with the former
  double images_per_second() const { return static_cast<double>(batch_size) / batch.median(); }
};

/// `config` is unresolved: its `auto` values are inferred from data.dir. Throws Error(data).
LoadingBench bench_loading(Config config, const Execution& execution, int64_t repeat);

}  // namespace unet
