#pragma once

namespace unet {

/// Whether the address sanitizer is built in, which must be the first library loaded, reserves terabytes of address
/// space and keeps freed memory.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

}  // namespace unet
