#include "data/files/memory_limit.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace unet {
namespace {

/// Bytes of address space that are mapped but not resident, mostly code and libraries.
int64_t nonresident_bytes() {
  std::ifstream file("/proc/self/statm");
  int64_t mapped = 0, resident = 0;
  file >> mapped >> resident;
  return (mapped - resident) * ::sysconf(_SC_PAGESIZE);
}

}  // namespace

int64_t memory_limit(const std::string& root) {
  int64_t limit = static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  rlimit address_space{};
  if (::getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur != RLIM_INFINITY)
    limit = std::min(limit, static_cast<int64_t>(address_space.rlim_cur) - nonresident_bytes());
  for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream cgroup(root + file);
    int64_t maximum = 0;
    if (cgroup >> maximum) limit = std::min(limit, maximum);  // "max" is none
  }
  return limit;
}

}  // namespace unet
