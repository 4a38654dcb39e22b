#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace unet {

/// Reads a file; returns "" if it does not exist.
inline std::string file_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace unet
