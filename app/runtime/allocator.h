#pragma once

#include <cstdint>

namespace unet {

/// Makes LibTorch reuse freed blocks for its CPU tensors. By default glibc returns large blocks to the system, so that
/// each new one causes page faults, and up to version 2.37 it does not reuse a freed block for an aligned request of
/// the same size. Call it once, before the first tensor.
void set_up_allocator();

/// Resident memory of this process in bytes; 0 if unknown.
int64_t resident_bytes();

}  // namespace unet
