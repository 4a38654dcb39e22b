#pragma once

namespace unet {

/// Whether this is built with the address sanitizer, which must be the first library loaded, takes terabytes of
/// addresses and holds freed memory back.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

}  // namespace unet
