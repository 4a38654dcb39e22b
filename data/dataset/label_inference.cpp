#include "data/dataset/label_inference.h"

#include <cmath>

#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

constexpr int64_t kWhite = 255;

/// Values with gaps between them count as indices only if all are below this.
constexpr int64_t kMaxSparseIndex = 32;

/// More evenly spaced values than this look like an antialiased or gray image, not like a mask.
constexpr size_t kMaxSpacedValues = 16;

LabelClasses number_values(const std::vector<int64_t>& values) {
  LabelClasses labels;
  for (const int64_t value : values) labels.emplace(value, static_cast<int64_t>(labels.size()));
  return labels;
}

LabelClasses indices_up_to(int64_t largest) {
  LabelClasses labels;
  for (int64_t value = 0; value <= largest; ++value) labels.emplace(value, value);
  return labels;
}

bool are_indices(const std::vector<int64_t>& values) {
  const auto count = static_cast<int64_t>(values.size());
  return (values.back() == count - 1 && count <= kMaxClasses) || values.back() < kMaxSparseIndex;
}

/// Whether the values are 0/128/255, 0/85/170/255, ...: i * 255 / (n - 1), rounded either way.
bool are_evenly_spaced(const std::vector<int64_t>& values) {
  if (values.size() < 2 || values.size() > kMaxSpacedValues) return false;
  const double step = static_cast<double>(kWhite) / static_cast<double>(values.size() - 1);
  for (size_t i = 0; i < values.size(); ++i)
    if (std::abs(static_cast<double>(values[i]) - static_cast<double>(i) * step) >= 1) return false;
  return true;
}

/// "0 (1200 pixels), 7 (12 pixels), ... 40 more values".
std::string list_values(const ValueCounts& counts) {
  constexpr size_t kShown = 12;
  std::string text;
  size_t shown = 0;
  for (const auto& [value, count] : counts) {
    if (shown == kShown) return text + ", ... " + std::to_string(counts.size() - kShown) + " more values";
    text += concat(shown++ == 0 ? "" : ", ", value, " (", count, " pixels)");
  }
  return text;
}

}  // namespace

LabelClasses infer_labels(const ValueCounts& counts, const std::vector<LabelKey>& ignore_values) {
  ValueCounts used = counts;
  for (const LabelKey& key : ignore_values) used.erase(used.lower_bound(key.low), used.upper_bound(key.high));
  if (used.empty())
    fail(ErrorKind::data, "[data.ignore_values] every mask value is ignored, expected at least one that is not",
         ". Check data.masks and data.ignore_values");

  std::vector<int64_t> values;
  for (const auto& [value, count] : used) values.push_back(value);
  if (values == std::vector<int64_t>{kWhite}) return {{0, 0}, {kWhite, 1}};
  if (values.front() == 0 && values.size() == 2 && values.back() >= kMaxSparseIndex) return number_values(values);
  if (are_evenly_spaced(values)) return number_values(values);
  // 255 next to indices means "void" in most data sets, but only the user can know, so it stays unmapped. All 256
  // values together are a gray image.
  if (values.back() == kWhite && values.size() <= kMaxClasses) values.pop_back();
  if (are_indices(values)) return indices_up_to(values.back());
  fail(ErrorKind::data, "[data.labels] cannot infer the classes from the mask values: got ", list_values(used),
       ", expected indices 0..n-1, 0 and one other value, or evenly spaced values from 0 to 255. ",
       "Give each value its class, e.g. data.labels: {0: 0, ", used.rbegin()->first,
       ": 1}, and list the remaining ones in ", "data.ignore_values");
}

}  // namespace unet
