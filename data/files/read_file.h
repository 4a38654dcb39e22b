#pragma once

#include <cstddef>
#include <string>

namespace unet {

/// Returns the bytes of the file. Throws Error(missing_input), Error(io) with the system's reason.
std::string read_file(const std::string& path);

/// Returns the first bytes of the file, at most `count`; none if it cannot be read.
std::string read_beginning(const std::string& path, size_t count);

}  // namespace unet
