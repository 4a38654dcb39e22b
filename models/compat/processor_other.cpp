#include "models/compat/processor.h"

namespace unet::compat {

bool processor_has_avx512_bf16() { return false; }

bool processor_runs_onednn_in_bf16() { return false; }

bool processor_describes_its_caches() { return true; }

}  // namespace unet::compat
