#include "data/files/read_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "configs/schema/error.h"

namespace unet {

std::string read_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    fail(ErrorKind::missing_input, path, ": got a folder, expected a file. Check the path");
  // A pipe without a writer would block, and devices have no size.
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored))
    fail(ErrorKind::missing_input, path, ": got a pipe or device, expected a file. Copy it to a file first");
  errno = 0;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) {
    const int code = errno;
    const bool is_absent = code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG;
    fail(is_absent ? ErrorKind::missing_input : ErrorKind::io, path, ": cannot open: ", std::strerror(code),
         ". Check the path and its permissions");
  }
  std::string bytes(static_cast<size_t>(file.tellg()), '\0');
  file.seekg(0);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    fail(ErrorKind::io, path, ": got ", file.gcount(), " bytes, expected ", bytes.size(), ": ", std::strerror(errno),
         ". Check the disk and try again");
  return bytes;
}

std::string read_beginning(const std::string& path, size_t count) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(count, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

}  // namespace unet
