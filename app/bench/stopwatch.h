#pragma once

#include <algorithm>
#include <vector>

#include "app/run/stop_request.h"
#include "app/runtime/run_clock.h"
#include "configs/schema/error.h"

namespace unet {

/// Repeated measurements of a duration.
struct Timing {
  std::vector<double> seconds;

  /// Median in seconds; 0 without measurements.
  double median() const {
    if (seconds.empty()) return 0;
    std::vector<double> sorted = seconds;
    std::sort(sorted.begin(), sorted.end());
    const size_t middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
};

/// Runs `work` and returns its duration in seconds. Throws Error(interrupted) if a stop signal was received before.
template <class Work>
double seconds_of(const Work& work) {
  if (stop_signal_received()) fail(ErrorKind::interrupted, "stopped");
  const RunClock clock = start_run_clock();
  work();
  return clock();
}

}  // namespace unet
