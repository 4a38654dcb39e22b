#include "app/run/stop_signal.h"

#include <unistd.h>

#include <csignal>

namespace unet {
namespace {

volatile std::sig_atomic_t received = 0;

void on_signal(int) {
  constexpr char kMessage[] = "\nstopping after this step; once more to stop at once\n";
  if (received != 0) ::_exit(130);
  received = 1;
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1);
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool stop_signal_received() { return received != 0; }

}  // namespace unet
