#pragma once

#include <cstdint>
#include <string>

namespace unet {

/// Returns the memory limit of this process in bytes: the memory of the machine, or a lower limit (RLIMIT_AS, or that
/// of a cgroup of version 1 or 2). `root` is the root of the file system, for tests.
int64_t memory_limit(const std::string& root = "");

}  // namespace unet
