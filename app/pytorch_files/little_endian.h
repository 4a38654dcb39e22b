#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace unet {

/// Reads the little-endian number in the first `count` bytes of `bytes`, which must have that many.
inline uint64_t little_endian(std::string_view bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// Writes the lowest `count` bytes of a number in little-endian order.
inline std::string little_endian_bytes(uint64_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

}  // namespace unet
