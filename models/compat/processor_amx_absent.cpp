#include "models/compat/processor.h"

namespace unet::compat {

bool processor_has_amx() { return false; }

}  // namespace unet::compat
