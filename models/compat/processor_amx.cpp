#include <sys/syscall.h>

#include "models/compat/processor.h"

extern "C" long syscall(long number, ...) noexcept;  // as in unistd.h, which this folder may not include

namespace unet::compat {

bool processor_has_amx() {
  // Linux (from 5.16) requires a process to request the tiles: arch_prctl ARCH_REQ_XCOMP_PERM.
  static const bool has = [] {
    constexpr long kRequestPermission = 0x1023, kTileData = 18;
    return __builtin_cpu_supports("amx-bf16") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
           ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  }();
  return has;
}

}  // namespace unet::compat
