#include "app/runtime/run_clock.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace unet {

RunClock start_run_clock(double earlier_seconds) {
  return [earlier_seconds, start = std::chrono::steady_clock::now()] {
    return earlier_seconds + std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
}

double process_seconds() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  text.erase(0, text.rfind(')') + 1);  // the name of the program may hold spaces
  std::istringstream fields(text);
  constexpr int kStartTime = 22;  // see proc(5); the next field is number 3
  std::string field;
  for (int i = 3; i <= kStartTime; ++i)
    if (!(fields >> field)) return 0;
  timespec now{};
  if (::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return 0;
  const double started = std::strtod(field.c_str(), nullptr) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return std::max(0.0, static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec) - started);
}

}  // namespace unet
