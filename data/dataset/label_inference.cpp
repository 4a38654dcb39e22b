#include "data/dataset/label_inference.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"
#include "configs/schema/text.h"
#include "data/dataset/label_lossy.h"
#include "data/dataset/label_peaks.h"
#include "data/dataset/label_ranges.h"
#include "data/dataset/label_text.h"

namespace unet {
namespace {

constexpr int64_t kWhite = 255;

/// Values with gaps between them count as indices only if all are below this. More values than this need evidence that
/// they are classes.
constexpr int64_t kMaxSparseIndex = 32;

/// More evenly spaced values than this look like an antialiased or gray image, not like a mask.
constexpr size_t kMaxSpacedValues = 16;

/// Lists settings to choose from, one on a line with what it means.
std::string choices_text(const std::vector<std::pair<std::string, std::string>>& choices) {
  std::string text;
  for (const auto& [meaning, setting] : choices) text += concat("\n  ", meaning, ": ", setting);
  return text;
}

[[noreturn]] void refuse_single_value(const LabelEvidence& evidence) {
  const int64_t value = evidence.counts.begin()->first;
  const int64_t background = is_color(value) ? gray_color(0) : 0;
  const int64_t object = value != background ? value : is_color(value) ? gray_color(kWhite) : kWhite;
  fail(ErrorKind::data, "[data.labels] every mask pixel has the value ", label_value_text(value), " (", evidence.pixels,
       " pixels of ", evidence.masks, " masks): with a single class there is nothing to learn. ",
       "Check that data.masks holds the masks, and add masks that show objects. If those have the value ",
       label_value_text(object), ": ", labels_setting({{background, 0}, {object, 1}}));
}

// Indices and codes.

LabelClasses indices_up_to(int64_t largest) {
  LabelClasses labels;
  for (int64_t value = 0; value <= largest; ++value) labels.emplace(value, value);
  return labels;
}

bool are_consecutive(const std::vector<int64_t>& values, int64_t first) {
  const auto count = static_cast<int64_t>(values.size());
  return values.front() == first && values.back() == first + count - 1 && count <= kMaxClasses;
}

bool are_indices(const std::vector<int64_t>& values) {
  return !values.empty() && values.front() >= 0 &&
         (are_consecutive(values, 0) || are_consecutive(values, 1) || values.back() < kMaxSparseIndex);
}

/// Whether the values are 0/128/255, 0/85/170/255, ...: i * 255 / (n - 1), rounded either way.
bool are_evenly_spaced(const std::vector<int64_t>& values) {
  if (values.size() < 2 || values.size() > kMaxSpacedValues) return false;
  const double step = static_cast<double>(kWhite) / static_cast<double>(values.size() - 1);
  for (size_t i = 0; i < values.size(); ++i)
    if (std::abs(static_cast<double>(values[i]) - static_cast<double>(i) * step) >= 1) return false;
  return true;
}

/// Finds a value beside indices that tools write for pixels without a class, and removes it from `values`.
std::optional<int64_t> take_void(std::vector<int64_t>& values) {
  for (const bool at_end : {true, false}) {
    const int64_t value = at_end ? values.back() : values.front();
    // All 256 values together are a gray image.
    if (!may_be_void(value) || values.size() < 2 || static_cast<int64_t>(values.size()) > kMaxClasses) continue;
    std::vector<int64_t> others = values;
    others.erase(at_end ? others.end() - 1 : others.begin());
    if (!are_indices(others)) continue;
    values = others;
    return value;
  }
  return std::nullopt;
}

/// Whether values beyond the two most frequent ones form areas, as classes do and a gray image does not.
bool form_areas(const LabelEvidence& evidence) {
  constexpr double kMinFlat = 0.1;
  if (!evidence.is_measured) return true;
  std::vector<std::pair<int64_t, int64_t>> by_pixels;
  for (const auto& [value, count] : evidence.counts) by_pixels.emplace_back(-count, value);
  std::sort(by_pixels.begin(), by_pixels.end());
  int64_t flat = 0, pixels = 0;
  for (size_t i = 2; i < by_pixels.size(); ++i) {
    const auto found = evidence.flat.find(by_pixels[i].second);
    flat += found == evidence.flat.end() ? 0 : found->second;
    pixels -= by_pixels[i].first;
  }
  return share_of(flat, pixels) >= kMinFlat;
}

// Object numbers.

bool are_connected(const LabelEvidence& evidence) {
  constexpr double kMaxPieces = 1.5;  // objects that lie over others divide them
  return evidence.is_measured && evidence.object_values > 0 &&
         static_cast<double>(evidence.pieces) <= kMaxPieces * static_cast<double>(evidence.object_values);
}

/// Whether the masks number their objects 1..n, with another n in different masks.
bool count_objects(const LabelEvidence& evidence) {
  int64_t masks = 0;
  for (const auto& [largest, count] : evidence.sequences) masks += count;
  return masks == evidence.masks && static_cast<int64_t>(evidence.sequences.size()) >= std::min<int64_t>(3, masks);
}

/// Whether most values occur in few masks, unlike classes.
bool are_sparse(const LabelEvidence& evidence) {
  const auto values = static_cast<int64_t>(evidence.counts.size());
  return evidence.object_values * 2 <= values * evidence.masks;
}

bool are_object_numbers(const LabelEvidence& evidence) {
  constexpr double kMinFlat = 0.05;
  constexpr int64_t kManyObjects = 8;
  if (evidence.has_colors() || evidence.counts.begin()->first != 0 || !are_connected(evidence)) return false;
  if (count_objects(evidence) && evidence.sequences.rbegin()->first >= kManyObjects) return true;
  int64_t flat = 0;
  for (const auto& [value, count] : evidence.flat) flat += value == 0 ? 0 : count;
  const bool is_many = static_cast<int64_t>(evidence.counts.size()) > kMaxSparseIndex;
  return is_many && are_sparse(evidence) &&
         share_of(flat, evidence.pixels - evidence.counts.begin()->second) >= kMinFlat;
}

LabelInference infer_objects(const LabelEvidence& evidence) {
  LabelInference result;
  result.labels = object_labels(evidence.counts);
  result.remarks.push_back(concat("labels: object numbers: ", evidence.counts.size() - 1, " values from ",
                                  evidence.counts.upper_bound(0)->first, " to ", evidence.counts.rbegin()->first,
                                  ", each in one piece; all objects are class 1. If they are classes, list them in ",
                                  "data.labels"));
  return result;
}

// Numbers.

void remark_border(const LabelEvidence& evidence, int64_t value, LabelInference& result) {
  if (!is_border(evidence, value)) return;  // it stays without a class, and every mask that has it is reported
  result.ignore_values.emplace_back(value);
  result.remarks.push_back(concat("labels: ", value, " (", evidence.counts.at(value),
                                  " pixels) only lies in thin lines ", "between other values: ignored, as with ",
                                  ignore_setting({value})));
}

void remark_classes(const LabelEvidence& evidence, const std::vector<int64_t>& values, LabelInference& result) {
  const std::string objects = "If these are object numbers: " + labels_setting(object_labels(evidence.counts));
  if (static_cast<int64_t>(values.size()) > kMaxSparseIndex)
    result.remarks.push_back(concat("labels: ", values.size(), " values are taken for as many classes. ", objects));
  else if (values.size() > 2 && values.front() == 0 && are_connected(evidence) && count_objects(evidence))
    result.remarks.push_back("labels: each value is in one piece, and each mask has 1 to another number. " + objects);
}

LabelInference infer_indices(const LabelEvidence& evidence, std::vector<int64_t> values) {
  LabelInference result;
  const std::optional<int64_t> border = take_void(values);
  if (border) remark_border(evidence, *border, result);
  if (values.front() == 1 && values.size() > 1 && are_consecutive(values, 1)) {
    result.labels = number_values(values);
    result.remarks.push_back(
        concat("labels: the values begin at 1, so 1 is class 0, as with ", labels_setting(result.labels)));
  } else {
    result.labels = indices_up_to(values.back());
  }
  remark_classes(evidence, values, result);
  return result;
}

[[noreturn]] void refuse_numbers(const LabelEvidence& evidence, const std::vector<int64_t>& values) {
  constexpr size_t kMaxListed = 100;
  std::vector<std::pair<std::string, std::string>> choices;
  if (const std::string setting = area_settings(evidence); evidence.is_measured && !setting.empty())
    choices.emplace_back("classes are the values that form areas, and others take the nearest", setting);
  if (values.size() <= kMaxListed)
    choices.emplace_back("a class for each value", labels_setting(number_values(values)));
  if (values.front() == 0) choices.emplace_back("object numbers", labels_setting(object_labels(evidence.counts)));
  const int64_t middle = values.front() + (values.back() - values.front()) / 2 + 1;
  choices.emplace_back("two classes, divided by a threshold", threshold_setting(middle));
  fail(ErrorKind::data, cannot_infer_text(evidence),
       ", expected indices 0..n-1 or 1..n, 0 and one other value, or evenly ",
       "spaced values from 0 to 255. Say what they are:", choices_text(choices));
}

LabelInference infer_numbers(const LabelEvidence& evidence, const std::vector<LabelKey>& ignored) {
  const std::vector<int64_t> values = values_of(evidence.counts);
  if (const auto edges = find_soft_edges(evidence)) return infer_soft_edges(evidence, *edges, ignored);
  if (are_object_numbers(evidence)) return infer_objects(evidence);
  const bool is_pair = values.front() == 0 && values.size() == 2 && values.back() >= kMaxSparseIndex;
  LabelInference result;
  if (is_pair || are_evenly_spaced(values)) {
    result.labels = number_values(values);
    return result;
  }
  std::vector<int64_t> indices = values;
  take_void(indices);
  const bool is_many = static_cast<int64_t>(indices.size()) > kMaxSparseIndex;
  if (!are_indices(indices) || (is_many && (are_connected(evidence) || !form_areas(evidence))))
    refuse_numbers(evidence, values);
  return infer_indices(evidence, values);
}

}  // namespace

LabelInference infer_labels(const LabelEvidence& evidence, const std::vector<LabelKey>& ignore_values) {
  const LabelEvidence used = without_values(evidence, ignore_values);
  if (used.counts.empty())
    fail(ErrorKind::data, "[data.ignore_values] every mask value is ignored, expected at least one that is not",
         ". Check data.masks and data.ignore_values");
  if (used.counts.size() == 1) refuse_single_value(used);
  if (used.lossy > 0 && used.counts.size() > 2) return infer_lossy(used, ignore_values);
  return used.has_colors() ? infer_colors(used) : infer_numbers(used, ignore_values);
}

bool is_border(const LabelEvidence& evidence, int64_t value) {
  constexpr double kMaxThick = 0.01, kMinBetween = 0.5;
  const auto border = evidence.borders.find(value);
  if (border == evidence.borders.end()) return false;
  const int64_t pixels = evidence.counts.at(value), unmeasured = pixels - border->second.pixels;
  return share_of(border->second.thick + unmeasured, pixels) < kMaxThick &&
         share_of(border->second.between, pixels) >= kMinBetween;
}

}  // namespace unet
