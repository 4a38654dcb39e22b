#pragma once

#include <functional>

namespace unet {

/// Seconds that a run has taken so far, its earlier parts included.
using RunClock = std::function<double()>;

/// A clock that goes from now on, and begins with the time of the run's earlier parts.
RunClock start_run_clock(double earlier_seconds = 0);

}  // namespace unet
