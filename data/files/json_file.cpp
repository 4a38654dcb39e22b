#include "data/files/json_file.h"

#include <cmath>
#include <fstream>

#include "configs/schema/error.h"
#include "data/files/read_file.h"

namespace unet {
namespace {

using Json = nlohmann::json;

/// Parses a file, of which only the part that is being read is in memory.
Json parse_json_file(const std::string& path, const Json::parser_callback_t& keep) {
  std::ifstream file(path, std::ios::binary);
  if (!file || file.peek() == std::ifstream::traits_type::eof()) {
    if (read_file(path).empty()) fail(ErrorKind::data, path, ": got an empty file, expected JSON. Export it again");
  }
  try {
    return Json::parse(file, keep);
  } catch (const Json::exception& error) {
    constexpr size_t kMaxText = 300;  // messages quote what was read last, which may be a whole image
    std::string text = error.what();
    const size_t bracket = text.find("] ");
    if (bracket != std::string::npos) text.erase(0, bracket + 2);
    if (text.size() > kMaxText) text = text.substr(0, kMaxText) + "...";
    fail(ErrorKind::data, path, ": not valid JSON: ", text, ". Export the file again");
  }
}

}  // namespace

bool JsonValue::has(const std::string& key) const {
  if (!value_->is_object()) return false;
  const auto found = value_->find(key);
  return found != value_->end() && !found->is_null();
}

JsonValue JsonValue::at(const std::string& key) const {
  if (!value_->is_object()) refuse("an object");
  const auto found = value_->find(key);
  if (found == value_->end())
    fail(ErrorKind::data, place_, place_.back() == ':' ? "" : ":", " no key '", key, "', expected one");
  return {*found, place_of(key)};
}

std::string JsonValue::place_of(const std::string& key) const {
  return place_ + (place_.back() == ':' ? " " : ".") + key;
}

std::vector<JsonValue> JsonValue::items() const {
  if (!value_->is_array()) refuse("a list");
  std::vector<JsonValue> items;
  items.reserve(value_->size());
  for (size_t i = 0; i < value_->size(); ++i) items.emplace_back((*value_)[i], concat(place_, "[", i, "]"));
  return items;
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::entries() const {
  if (!value_->is_object()) refuse("an object");
  std::vector<std::pair<std::string, JsonValue>> entries;
  for (const auto& entry : value_->items())
    entries.emplace_back(entry.key(), JsonValue(entry.value(), place_of(entry.key())));
  return entries;
}

const std::string& JsonValue::text() const {
  if (!value_->is_string()) refuse("text");
  return value_->get_ref<const std::string&>();
}

double JsonValue::number() const {
  if (!value_->is_number()) refuse("a number");
  return value_->get<double>();
}

int64_t JsonValue::integer() const {
  constexpr double kLargest = 9e15;  // whole numbers beyond this are not exact
  const double value = number();
  if (value != std::floor(value) || std::abs(value) > kLargest) refuse("a whole number");
  return static_cast<int64_t>(value);
}

std::vector<double> JsonValue::numbers() const {
  if (!value_->is_array()) refuse("a list of numbers");
  std::vector<double> numbers;
  numbers.reserve(value_->size());
  for (const Json& item : *value_) {
    if (!item.is_number()) JsonValue(item, concat(place_, "[", numbers.size(), "]")).refuse("a number");
    numbers.push_back(item.get<double>());
  }
  return numbers;
}

std::string JsonValue::id() const {
  if (value_->is_string()) return text();
  if (!value_->is_number()) refuse("a number or text");
  const double value = value_->get<double>();
  const bool is_whole = value_->is_number_float() && value == std::floor(value) && std::abs(value) < 9e15;
  return is_whole ? std::to_string(static_cast<int64_t>(value)) : value_->dump();  // 1.0 is 1
}

void JsonValue::refuse(const std::string& expected) const {
  constexpr size_t kShown = 40;
  std::string got = value_->type_name();
  if (!value_->is_structured()) got = value_->dump(-1, ' ', false, Json::error_handler_t::replace);
  if (got.size() > kShown) got = got.substr(0, kShown) + "...";
  fail(ErrorKind::data, place_, place_.back() == ':' ? "" : ":", " got ", got, ", expected ", expected);
}

nlohmann::json read_json(const std::string& path) {
  return parse_json_file(path, [](int, Json::parse_event_t event, const Json& parsed) {
    return event != Json::parse_event_t::key || parsed != Json("imageData");
  });
}

void read_json_items(const std::string& path, const std::function<void(const std::string&, const JsonValue&)>& visit) {
  constexpr int kTop = 1, kItem = 2;  // depths of the keys of the top-level object, and of objects in its arrays
  std::string key;
  size_t index = 0;
  parse_json_file(path, [&](int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth == kTop && event == Json::parse_event_t::key) {
      key = parsed.get<std::string>();
      index = 0;
    }
    if (depth != kItem || event != Json::parse_event_t::object_end) return true;
    visit(key, JsonValue(parsed, concat(path, ": ", key, "[", index++, "]")));
    return false;
  });
}

}  // namespace unet
