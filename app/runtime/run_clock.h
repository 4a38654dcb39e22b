#pragma once

#include <functional>

namespace unet {

/// Returns the duration of a run so far in seconds, including its time before a resume.
using RunClock = std::function<double()>;

/// Starts a clock at `earlier_seconds`, the duration of the run before it was resumed.
RunClock start_run_clock(double earlier_seconds = 0);

/// Returns the seconds since this process was started, even if as another program; 0 if the system does not say.
double process_seconds();

}  // namespace unet
