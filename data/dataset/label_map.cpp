#include "data/dataset/label_map.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

constexpr int64_t kMaxValue = 65535;
constexpr int64_t kWhite = 255;

/// Values with gaps between them count as indices only if all are below this.
constexpr int64_t kMaxSparseIndex = 32;

/// More evenly spaced values than this look like an antialiased or gray image, not like a mask.
constexpr size_t kMaxSpacedValues = 16;

std::map<int64_t, int64_t> number_values(const std::vector<int64_t>& values) {
  std::map<int64_t, int64_t> labels;
  for (const int64_t value : values) labels.emplace(value, static_cast<int64_t>(labels.size()));
  return labels;
}

std::map<int64_t, int64_t> indices_up_to(int64_t largest) {
  std::map<int64_t, int64_t> labels;
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

cv::Mat apply_lookup_table(const cv::Mat& values, const std::vector<uint8_t>& table) {
  cv::Mat out(values.size(), CV_8UC1);
  for (int y = 0; y < values.rows; ++y) {
    uint8_t* to = out.ptr(y);
    if (values.depth() == CV_16U) {
      const auto* from = values.ptr<uint16_t>(y);
      std::transform(from, from + values.cols, to, [&](uint16_t value) { return table[value]; });
    } else {
      const auto* from = values.ptr<uint8_t>(y);
      std::transform(from, from + values.cols, to, [&](uint8_t value) { return table[value]; });
    }
  }
  return out;
}

}  // namespace

ValueCounts count_values(const cv::Mat& values) {
  if (values.type() != CV_8UC1 && values.type() != CV_16UC1)
    fail(ErrorKind::internal, "mask values: got a matrix of type ", values.type(), ", expected CV_8UC1 or CV_16UC1");
  std::vector<int64_t> histogram(values.depth() == CV_16U ? kMaxValue + 1 : 256);
  for (int y = 0; y < values.rows; ++y)
    for (int x = 0; x < values.cols; ++x)
      ++histogram[values.depth() == CV_16U ? values.at<uint16_t>(y, x) : values.at<uint8_t>(y, x)];
  ValueCounts counts;
  for (size_t value = 0; value < histogram.size(); ++value)
    if (histogram[value] > 0) counts.emplace_hint(counts.end(), static_cast<int64_t>(value), histogram[value]);
  return counts;
}

std::map<int64_t, int64_t> infer_labels(const ValueCounts& counts, const std::vector<int64_t>& ignore_values) {
  ValueCounts used = counts;
  for (const int64_t value : ignore_values) used.erase(value);
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

LabelMap::LabelMap(const std::map<int64_t, int64_t>& labels, const std::vector<int64_t>& ignore_values) {
  std::set<int64_t> classes;
  for (const auto& [value, label] : labels) {
    assign(value, label);
    if (label != kIgnoreLabel) classes.insert(label);
  }
  for (const int64_t value : ignore_values) {
    if (labels.count(value) != 0 && labels.at(value) != kIgnoreLabel)
      fail(ErrorKind::config, "[data.ignore_values] got ", value, ", which data.labels maps to class ",
           labels.at(value), "; expected it in only one of them. Remove it from one");
    assign(value, kIgnoreLabel);
  }
  num_classes_ = static_cast<int64_t>(classes.size());
  if (classes.empty() || *classes.begin() != 0 || *classes.rbegin() != num_classes_ - 1)
    fail(ErrorKind::config, "[data.labels] got ", num_classes_, " classes",
         classes.empty() ? std::string() : concat(" from ", *classes.begin(), " to ", *classes.rbegin()),
         ", expected 0, 1, 2, ... without a gap. Renumber the classes");
}

void LabelMap::assign(int64_t value, int64_t label) {
  if (value < 0 || value > kMaxValue)
    fail(ErrorKind::config, "[data.labels] got mask value ", value, ", expected 0 to ", kMaxValue,
         ". Use the values stored in the mask files");
  if (label < 0 || label > kIgnoreLabel)
    fail(ErrorKind::config, "[data.labels] got class ", label, " for mask value ", value, ", expected 0 to ",
         kMaxClasses - 1, ", or ", kIgnoreLabel, " to ignore it. Renumber the classes");
  table_[static_cast<size_t>(value)] = static_cast<uint8_t>(label);
  known_[static_cast<size_t>(value)] = true;
  const auto [place, inserted] = value_of_.emplace(label, value);
  if (!inserted) place->second = std::min(place->second, value);
}

bool LabelMap::knows(int64_t value) const {
  return value >= 0 && value <= kMaxValue && known_[static_cast<size_t>(value)];
}

int64_t LabelMap::class_of(int64_t value) const {
  return knows(value) ? table_[static_cast<size_t>(value)] : kIgnoreLabel;
}

cv::Mat LabelMap::to_classes(const cv::Mat& values, ValueCounts& unknown) const {
  for (const auto& [value, count] : count_values(values))
    if (!knows(value)) unknown[value] += count;
  return apply_lookup_table(values, table_);
}

cv::Mat LabelMap::to_values(const cv::Mat& classes) const {
  std::vector<uint16_t> value_of(256, static_cast<uint16_t>(kIgnoreLabel));
  uint16_t largest = 0;
  for (const auto& [label, value] : value_of_) {
    value_of[static_cast<size_t>(label)] = static_cast<uint16_t>(value);
    largest = std::max(largest, static_cast<uint16_t>(value));
  }
  cv::Mat values(classes.size(), CV_16UC1);
  for (int y = 0; y < classes.rows; ++y)
    for (int x = 0; x < classes.cols; ++x) values.at<uint16_t>(y, x) = value_of[classes.at<uint8_t>(y, x)];
  if (largest <= 255) values.convertTo(values, CV_8U);
  return values;
}

}  // namespace unet
