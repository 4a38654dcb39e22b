#include <cpuid.h>

#include "models/compat/processor.h"

namespace unet::compat {

bool processor_has_avx512_bf16() { return __builtin_cpu_supports("avx512bf16") != 0; }

bool processor_runs_onednn_in_bf16() {
  return __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0;
}

// Sources: Intel 64 and IA-32 manual, volume 2, CPUID leaf 4; AMD64 manual, volume 3, CPUID leaf 8000_001D.
bool processor_describes_its_caches() {
  constexpr unsigned kIntelLeaf = 4, kAmdLeaf = 0x8000001D, kTypeMask = 0x1F;
  for (const unsigned leaf : {kIntelLeaf, kAmdLeaf}) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid_count(leaf, 0, &a, &b, &c, &d) != 0 && (a & kTypeMask) != 0) return true;
  }
  return false;
}

}  // namespace unet::compat
