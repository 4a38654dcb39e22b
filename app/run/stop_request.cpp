#include "app/run/stop_request.h"

#include <unistd.h>

#include <csignal>
#include <utility>

#include "app/runtime/exit_codes.h"
#include "app/runtime/progress_bar.h"

namespace unet {
namespace {

volatile std::sig_atomic_t received = 0;       // the first signal
volatile std::sig_atomic_t stop_is_asked = 0;  // whether SIGINT or SIGTERM was received

void on_signal(int signal) {
  constexpr char kMessage[] = "\nStopping after this step. Press Ctrl-C again to quit immediately.\n";
  if (signal != SIGUSR1) {
    if (stop_is_asked != 0) ::_exit(static_cast<int>(ExitCode::second_signal));
    stop_is_asked = 1;
  }
  if (received == 0) received = signal;
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1);
}

std::string signal_name(int signal) {
  return signal == SIGINT ? "Ctrl-C (SIGINT)" : signal == SIGTERM ? "SIGTERM" : "SIGUSR1";
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) ::sigaction(signal, &action, nullptr);
}

bool stop_signal_received() { return received != 0; }

StopRequest::StopRequest(const RunFolder& run, const std::optional<Duration>& max_time, RunClock clock)
    : run_(run), max_time_(max_time), clock_(std::move(clock)) {}

bool StopRequest::operator()() {
  if (!reason_.empty()) return true;
  const std::string file = run_.file("stop").string();
  if (received != 0) {
    reason_ = signal_name(received);
  } else if (::access(file.c_str(), F_OK) == 0) {
    ::unlink(file.c_str());  // else it would stop the resumed run too
    reason_ = "the file " + file;
  } else if (max_time_ && clock_() >= max_time_->seconds) {
    reason_ = "train.max_time (" + duration_text(max_time_->seconds) + ") is over; raise it to continue";
  }
  return !reason_.empty();
}

}  // namespace unet
