#pragma once

#include <cstdint>

namespace unet {

/// Makes LibTorch reuse freed blocks for its CPU tensors. By default glibc returns large blocks to the system, which
/// hands them out page by page, and up to version 2.37 it does not find a freed block of the same size and alignment
/// again. Call it once, before the first tensor.
void set_up_allocator();

/// Resident memory of this process in bytes; 0 where the system does not tell it.
int64_t resident_bytes();

}  // namespace unet
