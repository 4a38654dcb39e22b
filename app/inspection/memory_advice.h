#pragma once

#include <string>

#include "app/config/config.h"
#include "app/runtime/execution.h"

namespace unet {

/// What to do where a training step does not fit into memory, with numbers: what it needs, what there is, and the
/// largest batch that fits. `config` is resolved.
std::string memory_advice(const Config& config, const Execution& execution);

/// Warns before the first step where the processor's memory will not do: Linux kills a process then, without a word.
/// Looks closer only where the network's outputs alone come near it.
void warn_of_memory(const Config& config, const Execution& execution);

/// Bytes that this process can hold: of the machine, or of a smaller limit (RLIMIT_AS, a cgroup's memory.max).
int64_t memory_limit();

}  // namespace unet
