#include "models/kernels/amx.h"

#include "models/kernels/amx_tiles.h"

#ifdef UNET_HAS_AMX
#include <sys/syscall.h>

extern "C" long syscall(long number, ...) noexcept;  // as unistd.h has it, among what this folder does without
#endif

namespace unet::kernels {

bool processor_has_amx() {
#ifdef UNET_HAS_AMX
  // Linux (from 5.16) saves the tiles of a process only after it asked: arch_prctl ARCH_REQ_XCOMP_PERM.
  static const bool has = [] {
    constexpr long kAskFor = 0x1023, kTileData = 18;
    return __builtin_cpu_supports("amx-bf16") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
           ::syscall(SYS_arch_prctl, kAskFor, kTileData) == 0;
  }();
  return has;
#else
  return false;
#endif
}

}  // namespace unet::kernels
