#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace unet {

/// Two integers, for height and width.
using PerAxis = std::array<int64_t, 2>;

/// Returns the text of a value in a config: "2", or "[2, 1]" if height and width differ.
inline std::string text_of(const PerAxis& value) {
  const auto [height, width] = value;
  return height == width ? std::to_string(height) : "[" + std::to_string(height) + ", " + std::to_string(width) + "]";
}

}  // namespace unet
