#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "configs/schema/error.h"

namespace unet {

/// Writes values as bytes for a `ByteReader` of the same machine, which reads them in the same order. Integers take as
/// many bytes as they need. A struct has a function `visit_fields(archive, value)` that passes its fields to the
/// archive, for both directions.
class ByteWriter {
 public:
  template <class... Values>
  void operator()(const Values&... values) {
    (write(values), ...);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  template <class Value>
  void write(const Value& value) {
    if constexpr (std::is_floating_point_v<Value>) {
      bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
    } else if constexpr (std::is_enum_v<Value> || std::is_unsigned_v<Value>) {
      write_integer(static_cast<uint64_t>(value));
    } else if constexpr (std::is_integral_v<Value>) {
      const auto bits = static_cast<uint64_t>(int64_t{value});
      write_integer(value < 0 ? ~(bits << 1) : bits << 1);  // small negative numbers are short, too
    } else {
      visit_fields(*this, const_cast<Value&>(value));  // the fields are only read
    }
  }
  void write(const std::string& text) { write(std::string_view(text)); }
  void write(std::string_view text) {
    write_integer(text.size());
    bytes_ += text;
  }
  template <class Value>
  void write(const std::vector<Value>& values) {
    write_integer(values.size());
    for (const Value& value : values) write(value);
  }
  template <class Key, class Value>
  void write(const std::map<Key, Value>& values) {
    write_integer(values.size());
    for (const auto& [key, value] : values) (*this)(key, value);
  }
  template <class Value>
  void write(const cv::Size_<Value>& size) {
    (*this)(size.width, size.height);
  }
  template <class Value>
  void write(const cv::Point_<Value>& point) {
    (*this)(point.x, point.y);
  }
  template <class Value, int count>
  void write(const cv::Vec<Value, count>& values) {
    for (int i = 0; i < count; ++i) write(values[i]);
  }

  void write_integer(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

/// Reads the values that a `ByteWriter` wrote. Every read is checked: one beyond the end throws Error(data). `bytes`
/// must outlive this.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <class... Values>
  void operator()(Values&... values) {
    (read(values), ...);
  }

  /// Reads a string without copying it.
  std::string_view text() { return take(read_integer()); }

  bool at_end() const { return bytes_.empty(); }

 private:
  template <class Value>
  void read(Value& value) {
    if constexpr (std::is_floating_point_v<Value>) {
      std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    } else if constexpr (std::is_enum_v<Value> || std::is_unsigned_v<Value>) {
      value = static_cast<Value>(read_integer());
    } else if constexpr (std::is_integral_v<Value>) {
      const uint64_t bits = read_integer();
      value = static_cast<Value>(static_cast<int64_t>((bits & 1) != 0 ? ~(bits >> 1) : bits >> 1));
    } else {
      visit_fields(*this, value);
    }
  }
  void read(std::string& value) { value = text(); }
  template <class Value>
  void read(std::vector<Value>& values) {
    values.resize(read_count());
    for (Value& value : values) read(value);
  }
  template <class Key, class Value>
  void read(std::map<Key, Value>& values) {
    values.clear();
    for (size_t left = read_count(); left > 0; --left) {
      Key key{};
      Value value{};
      (*this)(key, value);
      values.emplace_hint(values.end(), std::move(key), std::move(value));
    }
  }
  template <class Value>
  void read(cv::Size_<Value>& size) {
    (*this)(size.width, size.height);
  }
  template <class Value, int count>
  void read(cv::Vec<Value, count>& values) {
    for (int i = 0; i < count; ++i) read(values[i]);
  }

  std::string_view take(uint64_t count) {
    if (count > bytes_.size()) fail(ErrorKind::data, "got ", bytes_.size(), " bytes, expected ", count, " more");
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  uint64_t read_integer() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<uint8_t>(take(1)[0]);
      value |= uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    fail(ErrorKind::data, "got a number of more than 64 bits");
  }
  /// A number of values, of which each takes at least one byte.
  size_t read_count() {
    const uint64_t count = read_integer();
    if (count > bytes_.size()) fail(ErrorKind::data, "got ", bytes_.size(), " bytes for ", count, " values");
    return count;
  }

  std::string_view bytes_;
};

}  // namespace unet
