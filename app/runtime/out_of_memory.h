#pragma once

#include <exception>

namespace unet {

/// Whether an exception reports that host or device memory ran out.
bool is_out_of_memory(const std::exception& error);

}  // namespace unet
