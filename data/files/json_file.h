#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace unet {

/// A value of a JSON file with its place, for readers that trust nothing. Every function that expects a kind of value
/// throws Error(data) with file and place where it is another.
class JsonValue {
 public:
  /// `value` must outlive this. `place` begins with the file; that of the top-level value is "FILE:".
  JsonValue(const nlohmann::json& value, std::string place) : value_(&value), place_(std::move(place)) {}

  const std::string& place() const { return place_; }

  bool is_object() const { return value_->is_object(); }
  bool is_array() const { return value_->is_array(); }
  bool is_text() const { return value_->is_string(); }
  bool is_number() const { return value_->is_number(); }
  bool is_true() const { return value_->is_boolean() && value_->get<bool>(); }

  /// Whether this is an object with this key, whose value is not null.
  bool has(const std::string& key) const;

  /// Value of a key, which the object must have.
  JsonValue at(const std::string& key) const;

  std::vector<JsonValue> items() const;                            ///< of an array
  std::vector<std::pair<std::string, JsonValue>> entries() const;  ///< of an object

  const std::string& text() const;
  double number() const;
  int64_t integer() const;  ///< also of a number with a fraction of zero
  std::vector<double> numbers() const;

  /// Text of a number or text that serves as a name.
  std::string id() const;

  /// Throws Error(data): what is here, and what was expected.
  [[noreturn]] void refuse(const std::string& expected) const;

 private:
  std::string place_of(const std::string& key) const;

  const nlohmann::json* value_;
  std::string place_;
};

/// Reads a JSON file. Values of the key "imageData", in which labelme stores whole images, are not kept. Throws
/// Error(missing_input), Error(data) with line and column.
nlohmann::json read_json(const std::string& path);

/// Calls `visit(key, item)` for every object in the arrays of the top-level object, in the order of the file, and keeps
/// none of them, so that memory is needed for one item only. Throws as `read_json` does.
void read_json_items(const std::string& path, const std::function<void(const std::string&, const JsonValue&)>& visit);

}  // namespace unet
