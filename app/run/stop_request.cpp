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

void write_to_terminal(const char* text, size_t size) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, size);  // fails if the terminal has gone
}

/// Only SIGINT and SIGTERM are meant for this process alone: of the others, a closed terminal or a batch system may
/// send several.
void on_signal(int signal) {
  constexpr char kOnce[] = "\nStopping after this step.\n";
  constexpr char kAgain[] = "\nStopping after this step. Press Ctrl-C again to quit immediately.\n";
  const bool can_insist = signal == SIGINT || signal == SIGTERM;
  if (can_insist && stop_is_asked != 0) ::_exit(static_cast<int>(ExitCode::second_signal));
  if (can_insist) stop_is_asked = 1;
  if (received == 0) received = signal;
  if (can_insist)
    write_to_terminal(kAgain, sizeof(kAgain) - 1);
  else
    write_to_terminal(kOnce, sizeof(kOnce) - 1);
}

std::string signal_name(int signal) {
  return signal == SIGINT    ? "Ctrl-C (SIGINT)"
         : signal == SIGTERM ? "SIGTERM"
         : signal == SIGHUP  ? "the terminal was closed (SIGHUP)"
                             : "SIGUSR1";
}

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) ::sigaction(signal, &action, nullptr);
  if (!is_ignored(SIGHUP)) ::sigaction(SIGHUP, &action, nullptr);
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
