#include <unistd.h>

#include <cstdlib>
#include <cstring>

// OpenMP's idle threads spin for milliseconds before they sleep. Alone on a machine that saves a few percent; beside
// any other process it makes a training several times slower. libgomp reads how long to spin when it is loaded, so
// the setting has to be in the environment before any library's constructor runs: the program starts itself anew
// with it, which costs some 70 ms of loading. A user's own OMP_WAIT_POLICY or GOMP_SPINCOUNT has the last word.

namespace {

constexpr const char* kSetting = "GOMP_SPINCOUNT=10000";

bool sets(const char* entry, const char* name) {
  const size_t length = std::strlen(name);
  return std::strncmp(entry, name, length) == 0 && entry[length] == '=';
}

/// Called by the loader before constructors: the C library is not set up yet, only system calls are safe.
void restart_with_short_waits(int, char** arguments, char** environment) {
  constexpr int kMostVariables = 4096;
  const char* extended[kMostVariables + 2];
  int count = 0;
  for (; environment[count] != nullptr; ++count) {
    if (count == kMostVariables) return;
    if (sets(environment[count], "GOMP_SPINCOUNT") || sets(environment[count], "OMP_WAIT_POLICY")) return;
    extended[count] = environment[count];
  }
  extended[count++] = kSetting;
  extended[count] = nullptr;
  ::execve("/proc/self/exe", arguments, const_cast<char* const*>(extended));
  // Where that is not possible, spinning is the lesser evil.
}

using BeforeConstructors = void (*)(int, char**, char**);
__attribute__((section(".preinit_array"), used)) const BeforeConstructors kRestart = restart_with_short_waits;

}  // namespace
