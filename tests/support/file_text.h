#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace unet {

/// The bytes of a file; "" where there is none.
inline std::string file_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace unet
