#pragma once

#include <string>

namespace unet {

/// Returns the bytes of the file. Throws Error(missing_input), Error(io) with the system's reason.
std::string read_file(const std::string& path);

}  // namespace unet
