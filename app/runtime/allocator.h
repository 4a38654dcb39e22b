#pragma once

#include <cstdint>

namespace unet {

/// How memory is had from here on, for LibTorch's tensors on a CPU: blocks that were freed serve again. The C library
/// alone gives large blocks back to the system, from where they come page by page, and up to 2.37 does not find a
/// freed block again when one of the same size and alignment is asked for. To be called once, before the first tensor.
void set_up_allocator();

/// What this process holds in memory now, as the system counts it: bytes; 0 where it does not say.
int64_t resident_bytes();

}  // namespace unet
