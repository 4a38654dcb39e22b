#include "data/dataset/label_ranges.h"

#include <algorithm>
#include <limits>

namespace unet {
namespace {

constexpr int64_t kLargestByte = 255;
constexpr int64_t kLargestWord = 65535;

/// Gives the values from `low` to `high` a class, but for those of `left_out`.
void add_range(int64_t low, int64_t high, int64_t label, const std::vector<LabelKey>& left_out, LabelClasses& labels) {
  if (low > high) return;
  for (const LabelKey& key : left_out) {
    if (key.high < low || key.low > high) continue;
    add_range(low, key.low - 1, label, left_out, labels);
    add_range(key.high + 1, high, label, left_out, labels);
    return;
  }
  labels.emplace(LabelKey(low, high), label);
}

}  // namespace

LabelClasses number_values(const std::vector<int64_t>& values) {
  LabelClasses labels;
  for (const int64_t value : values) labels.emplace(value, static_cast<int64_t>(labels.size()));
  return labels;
}

LabelClasses object_labels(const ValueCounts& counts) {
  const bool is_wide = !counts.empty() && counts.rbegin()->first > kLargestWord;
  return {{0, 0}, {LabelKey(1, is_wide ? std::numeric_limits<int32_t>::max() : kLargestWord), 1}};
}

LabelClasses threshold_labels(int64_t threshold, const ValueCounts& counts, const std::vector<LabelKey>& ignored) {
  const int64_t lowest = counts.empty() ? 0 : std::min<int64_t>(0, counts.begin()->first);
  int64_t highest = counts.empty() || counts.rbegin()->first <= kLargestByte ? kLargestByte : kLargestWord;
  if (!counts.empty()) highest = std::max(highest, counts.rbegin()->first);
  highest = std::max(highest, threshold);
  LabelClasses labels;
  std::vector<LabelKey> left_out = ignored;
  const auto add_single = [&](int64_t value, int64_t label) {
    labels.emplace(value, label);
    left_out.emplace_back(value);
  };
  if (!counts.empty() && counts.begin()->first < threshold) add_single(counts.begin()->first, 0);
  if (!counts.empty() && counts.rbegin()->first >= threshold) add_single(counts.rbegin()->first, 1);
  add_range(lowest, threshold - 1, 0, left_out, labels);
  add_range(threshold, highest, 1, left_out, labels);
  return labels;
}

}  // namespace unet
