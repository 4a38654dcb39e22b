#include "configs/schema/value_text.h"

#include <nlohmann/json.hpp>

#include "configs/schema/text.h"

namespace unet {
namespace {

/// Returns a YAML scalar, quoted if it would otherwise read back as something else.
std::string scalar_text(const std::string& text) {
  const bool plain = !text.empty() &&
                     text.find_first_not_of(
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                         "0123456789_./+-") == std::string::npos &&
                     text[0] != '-' && text != "null" && text != "~";
  return plain ? text : nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <class T>
std::string flow_list(const std::vector<T>& values) {
  std::vector<std::string> parts;
  for (const T& value : values) {
    if constexpr (std::is_same_v<T, std::string>)
      parts.push_back(scalar_text(value));
    else if constexpr (std::is_integral_v<T>)
      parts.push_back(std::to_string(value));
    else
      parts.push_back(number_text(value));
  }
  return "[" + join(parts) + "]";
}

struct ValueText {
  const Limits& limits;

  template <class T>
  std::string list_or_word(const std::vector<T>& values) const {
    return values.empty() && !limits.words.empty() ? limits.words.front() : flow_list(values);
  }
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const int64_t* value) const { return std::to_string(*value); }
  std::string operator()(const double* value) const { return number_text(*value); }
  std::string operator()(const std::string* value) const { return scalar_text(*value); }
  std::string operator()(const EnumValue* value) const { return value->name(); }
  std::string operator()(const std::optional<int64_t>* value) const {
    return value->has_value() ? std::to_string(**value) : "auto";
  }
  std::string operator()(const PerAxis* value) const { return text_of(*value); }
  std::string operator()(const std::optional<PerAxis>* value) const {
    return value->has_value() ? text_of(**value) : "auto";
  }
  std::string operator()(const Range* value) const { return flow_list<double>({value->low, value->high}); }
  std::string operator()(const std::vector<int64_t>* value) const { return list_or_word(*value); }
  std::string operator()(const std::vector<double>* value) const { return list_or_word(*value); }
  std::string operator()(const std::vector<std::string>* value) const { return flow_list(*value); }
  std::string operator()(const ModeOrListValue* value) const {
    return value->list() != nullptr ? flow_list(*value->list()) : value->mode();
  }
  std::string operator()(const std::optional<Duration>* value) const {
    return value->has_value() ? scalar_text((*value)->text) : "off";
  }
  std::string operator()(const std::optional<std::string>* value) const {
    return value->has_value() ? scalar_text(**value) : "none";
  }
  std::string operator()(const std::vector<LabelKey>* value) const {
    std::vector<std::string> parts;
    for (const LabelKey& key : *value) parts.push_back(scalar_text(text_of(key)));
    return "[" + join(parts) + "]";
  }
  std::string operator()(const LabelClasses* value) const {
    std::vector<std::string> parts;
    for (const auto& [key, mapped] : *value) parts.push_back(concat(scalar_text(text_of(key)), ": ", mapped));
    return parts.empty() ? "auto" : "{" + join(parts) + "}";
  }
};

}  // namespace

std::string value_text(const Field& field, const ConstFieldValue& value) {
  return std::visit(ValueText{field.limits}, value);
}

}  // namespace unet
