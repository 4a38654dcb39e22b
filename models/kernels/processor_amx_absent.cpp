#include "models/kernels/processor.h"

namespace unet::kernels {

bool processor_has_amx() { return false; }

}  // namespace unet::kernels
