#pragma once

#include <cstdint>
#include <string_view>

namespace unet {

/// The number in the first `count` bytes, the least significant first. `bytes` must hold them.
inline uint64_t little_endian(std::string_view bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace unet
