#include "configs/schema/label_key.h"

#include <charconv>
#include <cstdio>

namespace unet {
namespace {

/// Reads a whole number at `begin` and moves `begin` behind it.
std::optional<int64_t> take_number(const char*& begin, const char* end) {
  int64_t value = 0;
  const auto [rest, error] = std::from_chars(begin, end, value);
  if (error != std::errc()) return std::nullopt;
  begin = rest;
  return value;
}

std::optional<LabelKey> parse_color_key(const std::string& text) {
  constexpr size_t kDigits = 6;
  uint32_t rgb = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + 1, end, rgb, 16);
  if (error != std::errc() || rest != end || text.size() != kDigits + 1) return std::nullopt;
  return LabelKey(kFirstColor + int64_t{rgb});
}

}  // namespace

std::string label_value_text(int64_t value) {
  if (!is_color(value)) return std::to_string(value);
  char text[8];
  std::snprintf(text, sizeof text, "#%06x", static_cast<unsigned>(value - kFirstColor) & 0xFFFFFFU);
  return text;
}

std::string text_of(const LabelKey& key) {
  return key.low == key.high ? label_value_text(key.low) : label_value_text(key.low) + "-" + label_value_text(key.high);
}

std::optional<LabelKey> parse_label_key(const std::string& text) {
  if (!text.empty() && text[0] == '#') return parse_color_key(text);
  const char* at = text.data();
  const char* end = at + text.size();
  const std::optional<int64_t> low = take_number(at, end);
  if (!low) return std::nullopt;
  if (at == end) return LabelKey(*low);
  if (*at++ != '-') return std::nullopt;
  const std::optional<int64_t> high = take_number(at, end);
  if (!high || at != end || *high < *low) return std::nullopt;
  return LabelKey(*low, *high);
}

}  // namespace unet
