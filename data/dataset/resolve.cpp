#include "data/dataset/resolve.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "configs/schema/writer.h"
#include "data/dataset/class_colors.h"
#include "data/dataset/intensity.h"
#include "data/dataset/label_inference.h"
#include "data/dataset/label_map.h"
#include "data/dataset/label_ranges.h"
#include "data/dataset/label_text.h"

namespace unet {
namespace {

int64_t round_up(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

std::string numbers_text(const std::vector<double>& numbers) {
  std::vector<std::string> parts;
  for (const double number : numbers) parts.push_back(number_text(number));
  return "[" + join(parts) + "]";
}

template <class T>
void check_count(const char* key, const std::vector<T>& given, int64_t expected, const char* item) {
  if (static_cast<int64_t>(given.size()) != expected)
    fail(ErrorKind::config, "[data.", key, "] got ", given.size(), " values, expected ", expected, ", one for each ",
         item, ". Remove the key to have them inferred");
}

/// Applies `data.threshold`. Labels beside it are those of an earlier run, and must agree with it.
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
  check_count("class_names", options.class_names, classes, "class");
  if (options.class_colors.empty()) options.class_colors = stored_colors(options, evidence, classes);
  if (options.class_colors.empty()) options.class_colors = default_class_colors(classes);
  check_count("class_colors", options.class_colors, classes, "class");
  for (const std::string& color : options.class_colors) parse_color(color);

  std::vector<std::string> parts;
  for (const auto& [value, label] : options.labels)
    parts.push_back(concat(text_of(value), " -> ",
                           label == kIgnoreLabel ? "ignored" : options.class_names.at(static_cast<size_t>(label))));
  for (const LabelKey& key : options.ignore_values) parts.push_back(text_of(key) + " -> ignored");
  return concat(classes, " classes, by mask value: ") + join(parts);
}

/// Returns whether images of `stored` channels (without alpha) can be given to a network of `wanted` channels.
bool converts(int64_t stored, int64_t wanted) {
  const auto is_gray_or_color = [](int64_t count) { return count == 1 || count == 3; };
  return stored == wanted || (is_gray_or_color(stored) && (is_gray_or_color(wanted) || wanted == 4));
}

std::string resolve_channels(DataOptions& options, const DataScan& scan, const std::vector<size_t>& train) {
  std::map<int64_t, int64_t> counts;  // images by channels without alpha
  for (const size_t i : train) ++counts[scan.channels[i] - (scan.has_alpha[i] ? 1 : 0)];
  // Gray images become RGB next to RGB images; other numbers of channels stand alone.
  if (!options.channels) options.channels = counts.rbegin()->first;
  for (const auto& [stored, count] : counts)
    if (!converts(stored, *options.channels))
      fail(ErrorKind::config, "[data.channels] got ", *options.channels, ", but ", count, " training images have ",
           stored, stored == 1 ? " channel" : " channels",
           "; expected images that have equal channels, or are gray or RGB. Give the network the channels of the "
           "images, or move the others out of the data set");
  return concat("channels: ", *options.channels);
}

std::string resolve_size(DataOptions& options, const DataScan& scan, const std::vector<size_t>& train) {
  constexpr int64_t kResized = 256, kPadStep = 16;
  int64_t height = 0, width = 0;
  for (const size_t i : train) {
    height = std::max<int64_t>(height, scan.sizes[i].height);
    width = std::max<int64_t>(width, scan.sizes[i].width);
  }
  if (options.size.empty()) {
    const int64_t side = options.size_policy == SizePolicy::resize ? kResized : crop_side(scan, train);
    options.size = {side, side};
    if (options.size_policy == SizePolicy::pad) options.size = {round_up(height, kPadStep), round_up(width, kPadStep)};
  }
  if (options.size_policy == SizePolicy::pad && (options.size[0] < height || options.size[1] < width))
    fail(ErrorKind::config, "[data.size] got ", options.size[0], "x", options.size[1], ", expected at least ", height,
         "x", width,
         " (height x width), the largest training image, because data.size_policy is pad. Remove data.size to have it "
         "inferred, or set data.size_policy: crop");
  return concat("size: ", options.size[0], "x", options.size[1], " (height x width), ", enum_name(options.size_policy));
}

std::string resolve_statistics(DataOptions& options, const DataScan& scan, const std::vector<size_t>& train) {
  const auto rounded = [](double value) { return std::round(value * 1e6) / 1e6; };  // readable in config.yaml
  constexpr double kConstant = 1e-4;  // a channel that hardly varies is shifted, not scaled
  std::vector<double> means, deviations;
  for (const ChannelIntensity& channel : intensity_of(scan, train, *options.channels)) {
    means.push_back(rounded(channel.mean));
    deviations.push_back(channel.deviation < kConstant ? 1 : rounded(channel.deviation));
  }
  if (options.mean.empty()) options.mean = means;
  if (options.std.empty()) options.std = deviations;
  check_count("mean", options.mean, *options.channels, "channel");
  check_count("std", options.std, *options.channels, "channel");
  for (const double deviation : options.std)
    if (!(deviation > 0))
      fail(ErrorKind::config, "[data.std] got ", deviation, ", expected above 0. Remove the key to have it computed");
  return "mean " + numbers_text(options.mean) + ", std " + numbers_text(options.std) + " of values in [0,1]";
}

}  // namespace

int64_t crop_side(const DataScan& scan, const std::vector<size_t>& images) {
  constexpr int64_t kStep = 32, kMin = 64, kMax = 256;
  std::vector<int64_t> sides;
  for (const size_t i : images) sides.push_back(std::min(scan.sizes[i].width, scan.sizes[i].height));
  const auto median = sides.begin() + static_cast<std::ptrdiff_t>((sides.size() - 1) / 2);
  std::nth_element(sides.begin(), median, sides.end());
  return std::clamp(*median / kStep * kStep, kMin, kMax);
}

std::vector<std::string> resolve_classes(DataOptions& options, const LabelEvidence& evidence) {
  const std::vector<std::string> remarks = resolve_labels(options, evidence);
  std::vector<std::string> lines{resolve_names(options, evidence)};
  lines.insert(lines.end(), remarks.begin(), remarks.end());
  return lines;
}

std::vector<std::string> resolve_images(DataOptions& options, const DataScan& scan, const std::vector<size_t>& images) {
  std::vector<std::string> lines;
  lines.push_back(resolve_channels(options, scan, images));
  lines.push_back(resolve_size(options, scan, images));
  lines.push_back(resolve_statistics(options, scan, images));
  return lines;
}

}  // namespace unet
