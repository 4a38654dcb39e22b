#pragma once

#include <cstdint>

namespace unet {

/// Peak resident memory of this process in bytes, since the last `reset_peak_memory`.
int64_t peak_resident_bytes();

/// Returns freed memory to the system and forgets the peak so far, so that what was only measured does not count.
void reset_peak_memory();

}  // namespace unet
