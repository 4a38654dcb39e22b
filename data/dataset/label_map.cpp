#include "data/dataset/label_map.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

#include "configs/schema/error.h"

namespace unet {
namespace {

constexpr int64_t kMaxValue = 65535;
constexpr int64_t kNoClass = -1;  ///< in the table

cv::Vec3b rgb_of(int64_t color) {
  const auto channel = [&](int shift) { return static_cast<uint8_t>((color - kFirstColor) >> shift & 0xFF); };
  return {channel(16), channel(8), channel(0)};
}

bool fits_gray_file(int64_t value) { return value >= 0 && value <= kMaxValue; }

/// Whether a class is written as the value of `a` rather than `b`: single values come before ranges, small ones before
/// large ones, and those that an image file can hold before all others.
bool writes_before(const LabelKey& a, const LabelKey& b) {
  const auto rank = [](const LabelKey& key) {
    return std::make_tuple(!is_color(key.low) && !fits_gray_file(key.low), key.low != key.high, key.low);
  };
  return rank(a) < rank(b);
}

}  // namespace

LabelMap::LabelMap(const LabelClasses& labels, const std::vector<LabelKey>& ignore_values, double snap) : snap_(snap) {
  for (const auto& [key, label] : labels) add(key, label);
  for (const LabelKey& key : ignore_values) {
    const auto given = labels.find(key);
    if (given == labels.end() || given->second != kIgnoreLabel) add(key, kIgnoreLabel);
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  check_overlaps();
  check_classes();
  has_only_colors_ = std::all_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
    return entry.label == kIgnoreLabel || is_color(entry.key.low);
  });
  for (int64_t value = 0; value <= kMaxValue; ++value)
    table_.push_back(static_cast<int16_t>(find(value).value_or(kNoClass)));
}

void LabelMap::check_overlaps() const {
  for (size_t i = 1; i < entries_.size(); ++i) {
    const Entry &a = entries_[i - 1], &b = entries_[i];
    if (a.key.high < b.key.low) continue;
    if (a.label != kIgnoreLabel && b.label != kIgnoreLabel)
      fail(ErrorKind::config, "[data.labels] got ", text_of(a.key), " and ", text_of(b.key),
           ", which overlap; expected one class for each value. Shorten one of them");
    const Entry &ignored = a.label == kIgnoreLabel ? a : b, &mapped = a.label == kIgnoreLabel ? b : a;
    fail(ErrorKind::config, "[data.ignore_values] got ", text_of(ignored.key), ", which data.labels maps to class ",
         mapped.label, "; expected it in only one of them. Remove it from one");
  }
}

void LabelMap::check_classes() const {
  std::set<int64_t> classes;
  for (const Entry& entry : entries_)
    if (entry.label != kIgnoreLabel) classes.insert(entry.label);
  if (!classes.empty() && *classes.begin() == 0 && *classes.rbegin() == num_classes_ - 1) return;
  fail(ErrorKind::config, "[data.labels] got ", num_classes_, " classes",
       classes.empty() ? std::string() : concat(" from ", *classes.begin(), " to ", *classes.rbegin()),
       ", expected 0, 1, 2, ... without a gap. Renumber the classes");
}

void LabelMap::add(const LabelKey& key, int64_t label) {
  if (label < 0 || label > kIgnoreLabel)
    fail(ErrorKind::config, "[data.labels] got class ", label, " for mask value ", text_of(key), ", expected 0 to ",
         kMaxClasses - 1, ", or ", kIgnoreLabel, " to ignore it. Renumber the classes");
  entries_.push_back({key, label});
  const auto [place, inserted] = written_.emplace(label, key);
  if (!inserted && writes_before(key, place->second)) place->second = key;
  if (inserted && label != kIgnoreLabel) ++num_classes_;
}

std::optional<int64_t> LabelMap::find(int64_t value) const {
  const auto after = std::upper_bound(entries_.begin(), entries_.end(), value,
                                      [](int64_t wanted, const Entry& entry) { return wanted < entry.key.low; });
  if (after != entries_.begin() && std::prev(after)->key.contains(value)) return std::prev(after)->label;
  if (has_only_colors_ && value >= 0 && value <= 255) return find(gray_color(value));
  return snap_ > 0 ? nearest(value) : std::nullopt;
}

std::optional<int64_t> LabelMap::nearest(int64_t value) const {
  std::optional<int64_t> label;
  double least = snap_;
  for (const Entry& entry : entries_) {
    if (is_color(entry.key.low) != is_color(value)) continue;
    const double away = std::min(label_distance(entry.key.low, value), label_distance(entry.key.high, value));
    if (away > least || (label && away == least)) continue;
    least = away;
    label = entry.label;
  }
  return label;
}

LabelMap label_map(const DataOptions& options) { return {options.labels, options.ignore_values, options.snap}; }

bool LabelMap::look_up(const cv::Mat& values, cv::Mat& classes) const {
  if (values.type() != CV_8UC1) return false;
  const int16_t* table = table_.data();
  int16_t lowest = 0;
  for (int y = 0; y < values.rows; ++y) {
    const auto* from = values.ptr<uint8_t>(y);
    auto* to = classes.ptr<uint8_t>(y);
    for (int x = 0; x < values.cols; ++x) {
      const int16_t label = table[from[x]];
      lowest = std::min(lowest, label);
      to[x] = static_cast<uint8_t>(label);
    }
  }
  return lowest != kNoClass;
}

cv::Mat LabelMap::to_classes(const cv::Mat& values, ValueCounts& unknown) const {
  cv::Mat classes(values.size(), CV_8UC1);
  if (look_up(values, classes)) return classes;
  std::unordered_map<int64_t, int64_t> found;
  const bool fits_table = values.type() == CV_8UC1 || values.type() == CV_16UC1;
  const auto label_of = [&](int64_t value) -> int64_t {
    if (fits_table) return table_[static_cast<size_t>(value)];
    const auto [place, inserted] = found.try_emplace(value, kNoClass);
    if (inserted) place->second = find(value).value_or(kNoClass);
    return place->second;
  };
  for_each_value(values, [&](int y, int x, int64_t value) {
    const int64_t label = label_of(value);
    if (label == kNoClass) ++unknown[value];
    classes.at<uint8_t>(y, x) = static_cast<uint8_t>(label == kNoClass ? kIgnoreLabel : label);
  });
  return classes;
}

cv::Mat LabelMap::to_colors(const cv::Mat& classes) const {
  cv::Mat color_of(1, 256, CV_8UC3, cv::Scalar::all(255));
  for (const auto& [label, key] : written_)
    if (is_color(key.low)) color_of.at<cv::Vec3b>(static_cast<int>(label)) = rgb_of(key.low);
  cv::Mat colors;
  cv::merge(std::vector<cv::Mat>(3, classes), colors);
  cv::LUT(colors, color_of, colors);
  return colors;
}

cv::Mat LabelMap::to_values(const cv::Mat& classes) const {
  if (has_only_colors_) return to_colors(classes);
  const bool all_fit = std::all_of(written_.begin(), written_.end(), [](const auto& each) {
    return each.first == kIgnoreLabel || fits_gray_file(each.second.low);
  });
  if (!all_fit) return classes;
  cv::Mat value_of(1, 256, CV_16UC1, cv::Scalar(kIgnoreLabel));
  uint16_t largest = 0;
  for (const auto& [label, key] : written_) {
    if (!fits_gray_file(key.low)) continue;
    value_of.at<uint16_t>(static_cast<int>(label)) = static_cast<uint16_t>(key.low);
    largest = std::max(largest, static_cast<uint16_t>(key.low));
  }
  cv::Mat values;
  cv::LUT(classes, value_of, values);
  if (largest <= 255) values.convertTo(values, CV_8U);
  return values;
}

}  // namespace unet
