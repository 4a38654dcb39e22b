#include "data/dataset/resolve_classes.h"

#include <map>
#include <set>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/class_colors.h"
#include "data/dataset/label_inference.h"
#include "data/dataset/label_map.h"
#include "data/dataset/label_ranges.h"
#include "data/dataset/label_text.h"
#include "data/dataset/value_count.h"

namespace unet {
namespace {

/// Applies `data.threshold`. Labels given with it are those of an earlier run, and must agree with it.
void resolve_threshold(DataOptions& options, const LabelEvidence& evidence) {
  const int64_t threshold = *options.threshold;
  if (evidence.has_colors())
    fail(ErrorKind::config, "[data.threshold] got ", threshold, ", but the masks have colors; expected gray values. ",
         "Remove data.threshold");
  if (options.labels.empty())
    options.labels =
        threshold_labels(threshold, without_values(evidence, options.ignore_values).counts, options.ignore_values);
  for (const auto& [key, label] : options.labels) {
    const bool agrees =
        label == kIgnoreLabel || (label == 0 && key.high < threshold) || (label == 1 && key.low >= threshold);
    if (!agrees)
      fail(ErrorKind::config, "[data.threshold] got ", threshold, ", but data.labels gives ", text_of(key),
           " the class ", label, "; expected only one of the two options. Remove the other");
  }
}

/// Adds classes for the values found that have none, else for a value that tools write for objects.
LabelClasses with_second_class(LabelClasses labels, const LabelMap& map, const LabelEvidence& evidence) {
  constexpr size_t kMaxProposed = 32;
  const bool has_colors = is_color(labels.begin()->first.low);
  std::vector<int64_t> unknown;
  for (const auto& [value, count] : evidence.counts)
    if (!map.knows(value)) unknown.push_back(value);
  if (unknown.size() > kMaxProposed && labels == LabelClasses{{0, 0}}) return object_labels(evidence.counts);
  if (unknown.empty() || unknown.size() > kMaxProposed) {
    unknown = has_colors ? std::vector<int64_t>{gray_color(255), gray_color(0)} : std::vector<int64_t>{255, 1};
    unknown = {map.knows(unknown[0]) ? unknown[1] : unknown[0]};
  }
  int64_t classes = 1;
  for (const int64_t value : unknown) labels.emplace(value, classes++);
  return labels;
}

/// Refuses classes with which nothing can be learned.
void check_class_count(const DataOptions& options, const LabelEvidence& evidence) {
  const LabelMap map = label_map(options);
  if (map.num_classes() > 1) return;
  fail(ErrorKind::config, "[data.labels] got a single class, expected at least 2: with one class, which the network ",
       "would give every pixel, there is nothing to learn. Give the objects a class: ",
       labels_setting(with_second_class(options.labels, map, evidence)));
}

/// Fills in the classes. Returns lines that say what was recognized.
std::vector<std::string> resolve_labels(DataOptions& options, const LabelEvidence& evidence) {
  if (options.threshold) resolve_threshold(options, evidence);
  if (!options.labels.empty()) {
    check_class_count(options, evidence);
    return {};
  }
  LabelInference inferred = infer_labels(evidence, options.ignore_values);
  options.labels = std::move(inferred.labels);
  options.ignore_values.insert(options.ignore_values.end(), inferred.ignore_values.begin(),
                               inferred.ignore_values.end());
  if (options.snap == 0) options.snap = inferred.snap;
  return inferred.remarks;
}

/// Returns the colors that masks show their classes in: those of color masks, or of their palette; empty if a class has
/// none, if two have the same, or if the palette is a gray ramp.
std::vector<std::string> stored_colors(const DataOptions& options, const LabelEvidence& evidence, int64_t classes) {
  std::map<int64_t, int64_t> color_of;  // by class
  for (const auto& [key, label] : options.labels) {
    if (key.low != key.high || label == kIgnoreLabel) continue;
    const auto palette = evidence.palette.find(key.low);
    if (is_color(key.low))
      color_of.emplace(label, key.low);
    else if (palette != evidence.palette.end())
      color_of.emplace(label, color_value(palette->second[0], palette->second[1], palette->second[2]));
  }
  std::set<int64_t> distinct;
  bool is_gray = true;
  std::vector<std::string> colors;
  for (const auto& [label, color] : color_of) {
    distinct.insert(color);
    is_gray = is_gray && color == gray_color(color - kFirstColor);
    colors.push_back(label_value_text(color));
  }
  const bool are_usable = static_cast<int64_t>(distinct.size()) == classes && !is_gray;
  return are_usable ? colors : std::vector<std::string>();
}

/// Fills in names and colors. Returns a line that shows the map from mask values to names.
std::string resolve_names(DataOptions& options, const LabelEvidence& evidence) {
  const LabelMap labels = label_map(options);
  const int64_t classes = labels.num_classes();
  if (options.class_names.empty() && classes == 2 && labels.class_of(0) == 0)
    options.class_names = {"background", "foreground"};
  if (options.class_names.empty())
    for (int64_t i = 0; i < classes; ++i) options.class_names.push_back(concat("class ", i));
  check_value_count("class_names", options.class_names, classes, "class");
  if (options.class_colors.empty()) options.class_colors = stored_colors(options, evidence, classes);
  if (options.class_colors.empty()) options.class_colors = default_class_colors(classes);
  check_value_count("class_colors", options.class_colors, classes, "class");
  for (const std::string& color : options.class_colors) parse_color(color);

  std::vector<std::string> parts;
  for (const auto& [value, label] : options.labels)
    parts.push_back(concat(text_of(value), " -> ",
                           label == kIgnoreLabel ? "ignored" : options.class_names.at(static_cast<size_t>(label))));
  for (const LabelKey& key : options.ignore_values) parts.push_back(text_of(key) + " -> ignored");
  return concat(classes, " classes, by mask value: ") + join(parts);
}

}  // namespace

std::vector<std::string> resolve_classes(DataOptions& options, const LabelEvidence& evidence) {
  const std::vector<std::string> remarks = resolve_labels(options, evidence);
  std::vector<std::string> lines{resolve_names(options, evidence)};
  lines.insert(lines.end(), remarks.begin(), remarks.end());
  return lines;
}

}  // namespace unet
