#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace unet {

/// The number in the first `count` bytes, the least significant first. `bytes` must hold them.
inline uint64_t little_endian(std::string_view bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// The lowest `count` bytes of a number, the least significant first.
inline std::string little_endian_bytes(uint64_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

}  // namespace unet
