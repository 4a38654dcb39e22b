#pragma once

#include <functional>

#include "app/run/run_folder.h"

namespace unet {

/// Seconds that a run has taken so far, its earlier parts included.
using RunClock = std::function<double()>;

/// A clock that goes from now on, and begins with the time of the run's earlier parts.
RunClock start_run_clock(double earlier_seconds = 0);

/// Seconds that the run's records tell of: the most that a line of metrics.jsonl or a start in environment.json has as
/// its `run_seconds`; 0 where there are none.
double recorded_run_seconds(const RunFolder& run);

}  // namespace unet
