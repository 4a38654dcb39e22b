#include "app/planning/peak_memory.h"

#include <malloc.h>
#include <sys/resource.h>

#include <fstream>

namespace unet {

int64_t peak_resident_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} << 10;
}

void reset_peak_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
  std::ofstream("/proc/self/clear_refs") << "5";  // see proc(5)
}

}  // namespace unet
