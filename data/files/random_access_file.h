#pragma once

#include <cstddef>
#include <string>

#include "data/files/descriptor.h"

namespace unet {

/// A file that is read in parts, on demand. Reads may come from several threads.
class RandomAccessFile {
 public:
  /// Throws Error(missing_input), Error(io) with the system's reason.
  explicit RandomAccessFile(const std::string& path);

  const std::string& path() const { return path_; }
  size_t size() const { return size_; }

  /// Reads up to `count` bytes from `offset` on and returns how many there were. Throws Error(io).
  size_t read_some(size_t offset, size_t count, void* out) const;

  /// Reads `count` bytes from `offset` on. Throws Error(io), Error(data) if the file ends before.
  void read(size_t offset, size_t count, void* out) const;

 private:
  std::string path_;
  Descriptor file_;
  size_t size_ = 0;
};

}  // namespace unet
