#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "configs/schema/error.h"

namespace unet {

/// The bytes of one file, with its name for messages. Every read is checked: a read beyond the end throws Error(data),
/// saying that the file is truncated. Both strings must outlive the view.
class ByteView {
 public:
  ByteView(std::string_view bytes, std::string_view name) : bytes_(bytes), name_(name), size_(bytes.size()) {}

  /// A file of `size` bytes of which only the first are in memory: enough for a header, not for pixels.
  ByteView(std::string_view first_bytes, std::string_view name, size_t size)
      : bytes_(first_bytes), name_(name), size_(size) {}

  /// Number of bytes of the file.
  size_t size() const { return size_; }
  bool is_partial() const { return bytes_.size() < size_; }
  const uint8_t* data() const { return reinterpret_cast<const uint8_t*>(bytes_.data()); }
  std::string_view name() const { return name_; }

  bool has(std::string_view text, size_t offset) const {
    return offset <= bytes_.size() && bytes_.substr(offset, text.size()) == text;
  }
  std::string_view part(size_t offset, size_t count) const {
    need(offset, count);
    if (offset + count > bytes_.size())
      refuse("got a header of over ", bytes_.size(), " bytes, expected a shorter one");
    return bytes_.substr(offset, count);
  }

  uint8_t u8(size_t offset) const { return static_cast<uint8_t>(big_endian(offset, 1)); }
  uint16_t u16_be(size_t offset) const { return static_cast<uint16_t>(big_endian(offset, 2)); }
  uint32_t u32_be(size_t offset) const { return big_endian(offset, 4); }
  uint16_t u16_le(size_t offset) const { return static_cast<uint16_t>(little_endian(offset, 2)); }
  uint32_t u24_le(size_t offset) const { return little_endian(offset, 3); }
  uint32_t u32_le(size_t offset) const { return little_endian(offset, 4); }

  /// Throws Error(data) unless the file has `count` bytes from `offset` on.
  void need(size_t offset, size_t count) const {
    if (offset > size() || count > size() - offset)
      refuse("truncated: got ", size(), " bytes, expected at least ", offset + count, ". Copy or download it again");
  }

  /// Throws Error(data) "NAME: ...".
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(ErrorKind::data, name_, ": ", parts...);
  }

 private:
  uint32_t big_endian(size_t offset, size_t count) const {
    uint32_t value = 0;
    for (const char byte : part(offset, count)) value = value << 8 | static_cast<uint8_t>(byte);
    return value;
  }
  uint32_t little_endian(size_t offset, size_t count) const {
    const std::string_view bytes = part(offset, count);
    uint32_t value = 0;
    for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
    return value;
  }

  std::string_view bytes_;
  std::string_view name_;
  size_t size_;
};

}  // namespace unet
