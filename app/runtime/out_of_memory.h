#pragma once

#include <exception>

namespace unet {

/// Whether an exception says that memory ran out: of the processor or of a CUDA device.
bool is_out_of_memory(const std::exception& error);

}  // namespace unet
