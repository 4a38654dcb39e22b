#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace unet {

/// Label values of color masks: this plus 0xRRGGBB, so that a color is a value like any other and equals no number
/// that a mask of up to 32 bits stores.
inline constexpr int64_t kFirstColor = int64_t{1} << 32;
inline constexpr int64_t kLastColor = kFirstColor + 0xFFFFFF;

constexpr int64_t color_value(uint8_t red, uint8_t green, uint8_t blue) {
  return kFirstColor + (int64_t{red} << 16) + (int64_t{green} << 8) + int64_t{blue};
}

constexpr bool is_color(int64_t value) { return value >= kFirstColor && value <= kLastColor; }

/// Text of a label value, as config files and messages have it: "7", or "#800000" for a color.
std::string label_value_text(int64_t value);

/// Label values that share a class: one number, a closed range of numbers, or one color. Written 7, 1-65535 or
/// "#800000".
struct LabelKey {
  LabelKey(int64_t value) : low(value), high(value) {}  // NOLINT(google-explicit-constructor): a value is a key
  LabelKey(int64_t lowest, int64_t highest) : low(lowest), high(highest) {}

  bool contains(int64_t value) const { return low <= value && value <= high; }

  int64_t low;
  int64_t high;
};

inline bool operator==(const LabelKey& a, const LabelKey& b) { return a.low == b.low && a.high == b.high; }
inline bool operator!=(const LabelKey& a, const LabelKey& b) { return !(a == b); }
inline bool operator<(const LabelKey& a, const LabelKey& b) { return a.low != b.low ? a.low < b.low : a.high < b.high; }

/// Text of a key: "7", "1-65535" or "#800000".
std::string text_of(const LabelKey& key);

/// Reads the text of a key; nullopt if it is not a key.
std::optional<LabelKey> parse_label_key(const std::string& text);

/// The classes of label values: `data.labels`.
using LabelClasses = std::map<LabelKey, int64_t>;

}  // namespace unet
