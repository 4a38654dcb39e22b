#include "data/dataset/label_text.h"

#include <cmath>

#include "configs/schema/error.h"
#include "configs/schema/text.h"

namespace unet {

std::string quoted_key(const LabelKey& key) { return is_color(key.low) ? "\"" + text_of(key) + "\"" : text_of(key); }

std::string labels_setting(const LabelClasses& labels) {
  std::vector<std::string> parts;
  for (const auto& [key, label] : labels) parts.push_back(concat(quoted_key(key), ": ", label));
  return "--set 'data.labels={" + join(parts) + "}'";
}

std::string ignore_setting(const std::vector<LabelKey>& values) {
  std::vector<std::string> parts;
  parts.reserve(values.size());
  for (const LabelKey& key : values) parts.push_back(quoted_key(key));
  return "--set 'data.ignore_values=[" + join(parts) + "]'";
}

std::string counts_text(const ValueCounts& counts) {
  constexpr size_t kShown = 12;
  std::string text;
  size_t shown = 0;
  for (const auto& [value, count] : counts) {
    if (shown == kShown) return text + ", ... " + std::to_string(counts.size() - kShown) + " more values";
    text += concat(shown++ == 0 ? "" : ", ", label_value_text(value), " (", count, " pixels)");
  }
  return text;
}

std::string share_text(int64_t part, int64_t total) {
  return number_text(std::round(share_of(part, total) * 1000) / 10) + "%";
}

std::vector<int64_t> values_of(const ValueCounts& counts) {
  std::vector<int64_t> values;
  values.reserve(counts.size());
  for (const auto& [value, count] : counts) values.push_back(value);
  return values;
}

}  // namespace unet
