#pragma once

#include <algorithm>
#include <vector>

#include "app/runtime/run_clock.h"
#include "app/run/stop_request.h"
#include "configs/schema/error.h"

namespace unet {

/// How long something took, each time.
struct Timing {
  std::vector<double> seconds;

  /// 0 where there is none.
  double median() const {
    if (seconds.empty()) return 0;
    std::vector<double> sorted = seconds;
    std::sort(sorted.begin(), sorted.end());
    const size_t middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
};

/// Seconds that `work` takes. Throws Error(interrupted) where a signal asks for the end before it begins.
template <class Work>
double seconds_of(const Work& work) {
  if (stop_signal_received()) fail(ErrorKind::interrupted, "[bench] stopped");
  const RunClock clock = start_run_clock();
  work();
  return clock();
}

}  // namespace unet
