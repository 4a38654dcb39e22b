#include "app/runtime/run_clock.h"

#include <chrono>

namespace unet {

RunClock start_run_clock(double earlier_seconds) {
  return [earlier_seconds, start = std::chrono::steady_clock::now()] {
    return earlier_seconds + std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
}

}  // namespace unet
