#include "models/kernels/processor.h"

namespace unet::kernels {

bool processor_has_avx512_bf16() { return __builtin_cpu_supports("avx512bf16") != 0; }

bool processor_runs_onednn_in_bf16() {
  return __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0;
}

}  // namespace unet::kernels
