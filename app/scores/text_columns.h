#pragma once

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>

namespace unet {

/// Width of UTF-8 text on a terminal, counted as one column per code point.
inline size_t text_columns(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// A score in a column of 9 characters; "-" if undefined.
inline std::string score_cell(const std::optional<double>& value) {
  char text[32];
  if (value) std::snprintf(text, sizeof(text), "%9.4f", *value);
  return value ? text : "        -";
}

}  // namespace unet
