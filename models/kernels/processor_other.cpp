#include "models/kernels/processor.h"

namespace unet::kernels {

bool processor_has_avx512_bf16() { return false; }

bool processor_runs_onednn_in_bf16() { return false; }

}  // namespace unet::kernels
