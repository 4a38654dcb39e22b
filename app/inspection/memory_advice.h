#pragma once

#include <string>

#include "app/config/config.h"
#include "app/runtime/execution.h"

namespace unet {

/// Returns advice for a training step that does not fit into memory, with numbers: the memory that it needs, the memory
/// available, and the largest batch that fits. `config` is resolved.
std::string memory_advice(const Config& config, const Execution& execution);

/// Warns before the first step if the memory of the host will not suffice, since Linux would kill the process without a
/// message. Makes a forecast only if the activations alone take a quarter of the memory.
void warn_of_memory(const Config& config, const Execution& execution);

/// Returns the memory limit of this process in bytes: the memory of the machine, or a lower limit (RLIMIT_AS,
/// memory.max of a cgroup).
int64_t memory_limit();

}  // namespace unet
