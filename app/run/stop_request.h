#pragma once

#include <optional>
#include <string>

#include "app/run/run_folder.h"
#include "app/runtime/run_clock.h"
#include "configs/schema/duration.h"

namespace unet {

/// Makes SIGINT, SIGTERM, SIGHUP (the terminal was closed) and SIGUSR1 (the warning of a batch system) set a flag only.
/// A second SIGINT or SIGTERM ends the process immediately with exit code 130. A SIGHUP that is ignored, as nohup
/// arranges, stays ignored.
void catch_stop_signals();

/// Whether one of these signals was received.
bool stop_signal_received();

/// Asks a training to stop after the current step: on a signal, because of a file named `stop` in the run folder, or
/// when its time is over.
class StopRequest {
 public:
  /// `run` must outlive this. `max_time`: limit for the whole run, as measured by `clock`.
  StopRequest(const RunFolder& run, const std::optional<Duration>& max_time, RunClock clock);

  bool operator()();

  /// Reason to stop, for messages; "" while there is none.
  const std::string& reason() const { return reason_; }

 private:
  const RunFolder& run_;
  std::optional<Duration> max_time_;
  RunClock clock_;
  std::string reason_;
};

}  // namespace unet
