#pragma once

#include <cstdint>
#include <string>

#include "configs/schema/error.h"
#include "configs/schema/per_axis.h"

namespace unet {

// Parts of what operations say about themselves.

/// "3x3".
inline std::string sides_text(const PerAxis& sides) { return concat(sides[0], "x", sides[1]); }

/// "2", or "2x1" where height and width differ.
inline std::string sides_or_number(const PerAxis& value) {
  return value[0] == value[1] ? std::to_string(value[0]) : sides_text(value);
}

/// The setting with its name; empty where it has its usual value.
inline std::string unless_usual(const char* name, const PerAxis& value, int64_t usual) {
  return value == PerAxis{usual, usual} ? "" : name + sides_or_number(value);
}

inline std::string unless_usual(const char* name, int64_t value, int64_t usual) {
  return value == usual ? "" : concat(name, value);
}

}  // namespace unet
