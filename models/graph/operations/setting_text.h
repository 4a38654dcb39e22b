#pragma once

#include <cstdint>
#include <string>

#include "configs/schema/error.h"
#include "configs/schema/per_axis.h"

namespace unet {

// Helpers for the texts of operations.

/// Returns e.g. "3x3".
inline std::string sides_text(const PerAxis& sides) { return concat(sides[0], "x", sides[1]); }

/// Returns e.g. "2", or "2x1" if height and width differ.
inline std::string sides_or_number(const PerAxis& value) {
  return value[0] == value[1] ? std::to_string(value[0]) : sides_text(value);
}

/// Returns a setting with its name; empty if it has its default value.
inline std::string unless_default(const char* name, const PerAxis& value, int64_t default_value) {
  return value == PerAxis{default_value, default_value} ? "" : name + sides_or_number(value);
}

inline std::string unless_default(const char* name, int64_t value, int64_t default_value) {
  return value == default_value ? "" : concat(name, value);
}

}  // namespace unet
