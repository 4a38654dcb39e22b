#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace unet {

/// A file mapped into memory, read-only. Only for files that are replaced but never changed in place: reading beyond
/// the end of a file that was shortened would end the program.
class MappedFile {
 public:
  /// Returns null if the file does not exist, is empty, or cannot be mapped.
  static std::shared_ptr<const MappedFile> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  MappedFile(void* data, size_t size) : data_(data), size_(size) {}

  void* data_;
  size_t size_;
};

}  // namespace unet
