#pragma once

#include <optional>
#include <string>

#include "app/runtime/run_clock.h"
#include "app/run/run_folder.h"

namespace unet {

/// From now on SIGINT, SIGTERM and SIGUSR1 (a batch system's warning) only set a flag. A second SIGINT or SIGTERM ends
/// the process at once with exit code 130.
void catch_stop_signals();

bool stop_signal_received();

/// What asks a training to stop after the step that it is in: a signal, a file named `stop` in its folder, or that
/// its time is over.
class StopRequest {
 public:
  /// `run` must outlive it. `max_seconds`: of the whole run, by `clock`.
  StopRequest(const RunFolder& run, std::optional<double> max_seconds, RunClock clock);

  bool operator()();

  /// Why, for people; "" while nothing asks.
  const std::string& reason() const { return reason_; }

 private:
  const RunFolder& run_;
  std::optional<double> max_seconds_;
  RunClock clock_;
  std::string reason_;
};

}  // namespace unet
