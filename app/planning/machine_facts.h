#pragma once

#include <cstdint>
#include <vector>

#include "app/planning/speed.h"
#include "data/dataset/sample_ref.h"

namespace unet {

/// What a plan knows of the machine.
struct MachineFacts {
  std::vector<NetworkSpeed> speeds;  ///< by width, the narrowest first; empty: not measured
  double load_seconds = 0;           ///< of a decoded and augmented training sample, on one thread
  double read_seconds = 0;           ///< of a validation image
  int64_t threads = 1;
  int64_t memory_bytes = 0;
  double measured_seconds = 0;  ///< that measuring took

  bool has_speed() const { return !speeds.empty(); }

  /// Speed at another width: a power law between, and beyond, the measured ones.
  NetworkSpeed speed(int64_t width) const;

  /// Seconds of a training step of `batch` samples of `megapixels` each, with its share of the loading.
  double step_seconds(int64_t width, int64_t batch, double megapixels) const;
};

/// Measures candidate networks of these widths, or takes their speed from the cache, until `seconds` are over; the
/// first is measured in any case. `config` is resolved, with the depth, size and batch that they share.
void measure_widths(MachineFacts& facts, Config config, const Execution& execution, const std::vector<int64_t>& widths,
                    double seconds);

/// Measures the loading of one training sample with the augmentations of `config`, and the reading of `image`.
void measure_loading(MachineFacts& facts, const Config& config, const SampleRef& image);

}  // namespace unet
