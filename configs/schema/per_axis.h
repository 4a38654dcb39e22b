#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace unet {

/// A whole number for the height and one for the width.
using PerAxis = std::array<int64_t, 2>;

/// As it is written in a config: "2", or "[2, 1]" where the two differ.
inline std::string text_of(const PerAxis& value) {
  const auto [height, width] = value;
  return height == width ? std::to_string(height) : "[" + std::to_string(height) + ", " + std::to_string(width) + "]";
}

}  // namespace unet
