#pragma once

#include <string>

namespace unet {

/// Returns `count` copies of `text`, concatenated.
inline std::string repeated(const std::string& text, int count) {
  std::string all;
  all.reserve(text.size() * static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace unet
