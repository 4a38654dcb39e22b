#pragma once

#include <algorithm>
#include <vector>

#include "app/run/run_clock.h"

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

/// Seconds that `work` takes.
template <class Work>
double seconds_of(const Work& work) {
  const RunClock clock = start_run_clock();
  work();
  return clock();
}

}  // namespace unet
