#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace unet {

/// Number of processors' worth of time that the control groups of this process allow (cpu.max of version 2,
/// cpu.cfs_quota_us of version 1); nullopt without a limit. `root` replaces / in paths, for tests.
std::optional<double> cpu_quota(const std::string& root = "");

/// Number of threads that can run at once: processors that this process may use, at most its CPU quota, rounded up.
int usable_processors();

/// The number of threads of a computation, and why.
struct ThreadChoice {
  int count = 1;
  std::string reason;
};

/// Chooses `wanted` threads (the value of `--threads`, 0 for none), else OMP_NUM_THREADS, else `usable_processors`.
ThreadChoice choose_threads(int64_t wanted);

}  // namespace unet
