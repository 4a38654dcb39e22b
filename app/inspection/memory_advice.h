#pragma once

#include <string>

#include "app/config/config.h"
#include "app/runtime/execution.h"

namespace unet {

/// Returns advice for a training step that does not fit into memory: the memory that it needs, the memory available,
/// and the largest batch size that fits. `config` is resolved.
std::string memory_advice(const Config& config, const Execution& execution);

/// Warns before the first step if the machine has too little memory, since Linux would kill the process without a
/// message. Makes a forecast only if the activations alone take a quarter of the memory.
void warn_if_memory_is_short(const Config& config, const Execution& execution);

}  // namespace unet
