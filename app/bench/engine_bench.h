#pragma once

#include <string>
#include <vector>

#include "app/bench/stopwatch.h"
#include "app/config/config.h"
#include "app/runtime/execution.h"

namespace unet {

/// A measured phase of a step.
struct BenchPart {
  std::string name;
  Timing time;
};

/// Times of a training step or of inference. The convolutions, run on their own, are a lower bound.
struct BenchResult {
  Timing whole;
  std::vector<BenchPart> parts;  ///< consecutive phases that make up the whole
  Timing convolutions;
  double peak_mib = 0;  ///< peak resident memory, before the convolutions were run alone
};

/// Measures training steps on random images of data.size in batches of train.batch_size. `config` is resolved.
BenchResult bench_step(const Config& config, const Execution& execution, int64_t repeat);

/// Measures inference on the same images with random weights.
BenchResult bench_inference(const Config& config, const Execution& execution, int64_t repeat);

}  // namespace unet
