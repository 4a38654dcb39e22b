#pragma once

#include <string>
#include <vector>

#include "app/bench/stopwatch.h"
#include "app/config/config.h"
#include "app/runtime/execution.h"

namespace unet {

/// A part of what was measured.
struct BenchPart {
  std::string name;
  Timing time;
};

/// How long one thing takes, and how much of that its convolutions would, each run alone: the limit that other work is
/// measured against.
struct BenchResult {
  Timing whole;
  std::vector<BenchPart> parts;  ///< one after another they are the whole
  Timing convolutions;
  double peak_mib = 0;  ///< the most memory that the program had till then, convolutions alone left out
};

/// Training steps on made-up images of data.size in batches of train.batch_size. `config` is complete.
BenchResult bench_step(const Config& config, const Execution& execution, int64_t repeat);

/// Inference on the same images, with fresh weights.
BenchResult bench_inference(const Config& config, const Execution& execution, int64_t repeat);

}  // namespace unet
