#include "app/pages/html.h"

#include <cstdint>

namespace unet {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// Length of the UTF-8 character at `at`; 0 if the bytes there are none. Source: Unicode 15, table 3-7.
size_t utf8_length(const std::string& text, size_t at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  const uint8_t first = byte(at), second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const uint8_t lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const uint8_t highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (second < lowest || second > highest) return 0;
  const size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  for (size_t i = 2; i < length; ++i)
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  return length;
}

bool is_control(char c) { return (static_cast<uint8_t>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F; }

std::string escaped_character(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return is_control(c) ? kReplacement : std::string(1, c);
  }
}

std::string opening(const std::string& name, const Attributes& attributes) {
  std::string tag = "<" + name;
  for (const auto& [key, value] : attributes) tag += " " + key + "=\"" + escaped(value) + "\"";
  return tag + ">";
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string result;
  result.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_length(text, at);
    if (length == 0)
      result += kReplacement;
    else if (length == 1)
      result += escaped_character(text[at]);
    else
      result.append(text, at, length);
    at += length == 0 ? 1 : length;
  }
  return result;
}

Html::Html(const std::string& text) : markup_(escaped(text)) {}

Html& Html::operator+=(const Html& other) {
  markup_ += other.markup_;
  return *this;
}

Html operator+(Html first, const Html& second) { return first += second; }

Html element(const std::string& name, const Attributes& attributes, const Html& content) {
  Html result;
  result.markup_ = opening(name, attributes) + content.markup_ + "</" + name + ">";
  return result;
}

Html element(const std::string& name, const Html& content) { return element(name, {}, content); }

Html void_element(const std::string& name, const Attributes& attributes) {
  Html result;
  result.markup_ = opening(name, attributes);
  return result;
}

}  // namespace unet
