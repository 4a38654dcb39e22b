#include "app/check/page_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "app/check/facts.h"
#include "app/check/suggested_config.h"
#include "app/check/text_layout.h"
#include "app/pages/json_parts.h"
#include "app/pages/parts.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

double share_of(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

Html share_cell(int64_t part, int64_t whole) { return share_bar(share_of(part, whole), percent(part, whole)); }

std::string mask_values_text(const ClassCounts& counts) {
  constexpr size_t kMaxValues = 4;
  std::vector<std::string> values;
  for (const LabelKey& key : counts.values) values.push_back(text_of(key));
  return join_first(values, kMaxValues);
}

Html class_rows(const DataReport& report) {
  const MaskCounts& masks = report.masks;
  const PartCounts images = usable_by_part(report);
  PageTable table{"Shares are of the labeled pixels of each part.", {"class", "mask value"}, {}};
  for (size_t part = 0; part < kPartCount; ++part)
    if (images[part] > 0) table.head.push_back(fmt::format("{} pixels", kPartNames[part]));
  table.head.emplace_back("images with it");
  table.head.emplace_back("weight");
  for (size_t c = 0; c < masks.classes.size(); ++c) {
    const ClassCounts& counts = masks.classes[c];
    std::vector<Html> row{swatch(report.data.options.class_colors.at(c)) + counts.name, mask_values_text(counts)};
    for (size_t part = 0; part < kPartCount; ++part)
      if (images[part] > 0) row.push_back(share_cell(counts.pixels[part], masks.labeled[part]));
    row.push_back(share_bar(share_of(sum_of(counts.images), sum_of(images)),
                            fmt::format("{} of {}", sum_of(counts.images), sum_of(images))));
    row.push_back(fmt::format("{:.2f}", report.class_weights.at(c)));
    table.rows.push_back(row);
  }
  return table_html(table);
}

/// Objects of each class, where they were measured.
Html object_rows(const DataReport& report) {
  if (report.objects.classes.empty()) return {};
  PageTable table{"Objects are connected components. Thickness is the median of the widest places.",
                  {"class", "objects", "images", "median size", "smallest", "largest", "thickness"},
                  {}};
  for (size_t c = 0; c < report.masks.classes.size(); ++c) {
    const ObjectFacts& objects = report.objects.classes.at(c);
    std::vector<Html> row{swatch(report.data.options.class_colors.at(c)) + report.masks.classes[c].name,
                          std::to_string(objects.count), std::to_string(objects.images)};
    for (const int64_t pixels : {objects.median, objects.smallest, objects.largest})
      row.push_back(objects.count == 0 ? "-" : fmt::format("{} px", pixels));
    row.push_back(objects.count == 0 ? "-" : fmt::format("{:.1f} px", objects.thickness));
    table.rows.push_back(row);
  }
  if (report.objects.masks_left_out == 0) return table_html(table);
  return table_html(table) +
         element("p", fmt::format("Objects of {} with more than {} objects are not counted.",
                                  counted(report.objects.masks_left_out, "mask"), kMaxObjectsPerMask));
}

/// The most frequent mask values.
Html value_rows(const DataReport& report) {
  constexpr size_t kMaxValues = 30;
  std::map<int64_t, std::pair<int64_t, int64_t>> values;  // pixels and images by value
  for (const ValueCounts& counts : report.data.scan.value_counts)
    for (const auto& [value, count] : counts) {
      values[value].first += count;
      ++values[value].second;
    }
  std::vector<std::pair<int64_t, std::pair<int64_t, int64_t>>> sorted(values.begin(), values.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second.first > b.second.first; });
  PageTable table{"Values of the masks, whose classes are unknown.", {"mask value", "pixels", "share", "images"}, {}};
  for (size_t i = 0; i < std::min(kMaxValues, sorted.size()); ++i) {
    const auto& [value, counts] = sorted[i];
    table.rows.push_back({label_value_text(value), std::to_string(counts.first),
                          share_cell(counts.first, report.masks.pixels), std::to_string(counts.second)});
  }
  if (sorted.size() <= kMaxValues) return table_html(table);
  const std::string rest = fmt::format("and {} more values", sorted.size() - kMaxValues);
  return table_html(table) + element("p", {{"class", "pale"}}, rest);
}

std::string size_text_of(cv::Size size) { return fmt::format("{} x {}", size.width, size.height); }

std::string sizes_fact(const DataReport& report) {
  const SizeFacts sizes = size_facts(report);
  if (sizes.different == 1) return fmt::format("all {} (width x height)", size_text_of(sizes.median));
  return fmt::format("{} to {}, median {}; {} different (width x height)", size_text_of(sizes.smallest),
                     size_text_of(sizes.largest), size_text_of(sizes.median), sizes.different);
}

/// "3 channels: 467 images, 1 channel: 1 image"
std::string counts_fact(const std::map<int, int64_t>& counts, const std::string& unit) {
  std::vector<std::string> parts;
  for (const auto& [value, count] : counts)
    parts.push_back(counts.size() == 1 ? counted(value, unit)
                                       : fmt::format("{}: {}", counted(value, unit), counted(count, "image")));
  return join(parts);
}

/// "16 bits, values 134 to 3912: 6% of the range"
Html ranges_fact(const DataReport& report) {
  constexpr double kUnusual = 0.5;
  std::vector<Html> lines;
  for (const RangeFacts& range : range_facts(report)) {
    std::string text = fmt::format("{} bits, values {:.6g} to {:.6g}, {}", range.bits, range.lowest, range.highest,
                                   counted(range.images, "image"));
    if (range.share > 0 && range.share < kUnusual)
      text += fmt::format(": uses {:.2g}% of the range", 100 * range.share);
    lines.push_back(text);
  }
  return lines.size() == 1 ? lines[0] : folded_list(lines, lines.size());
}

Html split_rows(const DataReport& report) {
  const PartCounts all = images_by_part(report), usable = usable_by_part(report);
  PageTable table{"Split: " + report.data.rule, {"part", "images", "usable", "share"}, {}};
  for (size_t part = 0; part < kPartCount; ++part)
    if (all[part] > 0)
      table.rows.push_back({kPartNames[part], std::to_string(all[part]), std::to_string(usable[part]),
                            share_cell(all[part], sum_of(all))});
  return table.rows.empty() ? Html() : table_html(table);
}

Html intensity_rows(const DataReport& report) {
  if (report.intensity.empty()) return {};
  const std::vector<int>& bits = report.data.scan.bits;
  const bool is_scaled = std::find(bits.begin(), bits.end(), 32) == bits.end();
  PageTable table{is_scaled ? "Intensity of the training images, values scaled to [0, 1]"
                            : "Intensity of the training images, values as stored",
                  {"channel", "mean", "std", "min", "max"},
                  {}};
  if (is_scaled) table.head.emplace_back("range and mean");
  const auto names = channel_names(report);
  for (size_t c = 0; c < names.size(); ++c) {
    const ChannelIntensity& channel = report.intensity[c];
    std::vector<Html> row{names[c]};
    for (const double value : {channel.mean, channel.deviation, channel.lowest, channel.highest})
      row.push_back(fmt::format("{:.4g}", value));
    if (is_scaled) row.push_back(range_bar(channel.lowest, channel.mean, channel.highest));
    table.rows.push_back(row);
  }
  return table_html(table);
}

}  // namespace

Html decisions_html(const DataReport& report) {
  constexpr size_t kShown = 12;
  std::vector<Html> lines;
  for (const std::string& decision : report.data.decisions) lines.push_back(message(decision));
  if (lines.empty()) return {};
  return element("p", {{"class", "pale"}},
                 "Found in the data rather than given. A training writes it to config.yaml.") +
         folded_list(lines, kShown);
}

Html classes_html(const DataReport& report) {
  if (report.masks.pixels == 0) return {};
  Html ignored;
  if (report.masks.ignored > 0)
    ignored = element("p", percent(report.masks.ignored, report.masks.pixels) + " of the mask pixels are ignored.");
  return (report.masks.classes.empty() ? value_rows(report) : class_rows(report) + object_rows(report)) + ignored;
}

Html images_html(const DataReport& report) {
  const DataScan& scan = report.data.scan;
  FactList facts;
  if (size_facts(report).different > 0) {
    facts.emplace_back("sizes", sizes_fact(report));
    facts.emplace_back("channels", counts_fact(image_counts(report, scan.channels), "channel"));
    if (!report.intensity.empty()) facts.emplace_back("the network sees", join(channel_names(report)));
    facts.emplace_back("depth and values", ranges_fact(report));
  }
  if (const int64_t invalid = invalid_pixels(report); invalid > 0)
    facts.emplace_back("without a value", counted(invalid, "pixel"));
  if (const std::string rotations = rotation_text(report); !rotations.empty())
    facts.emplace_back("EXIF rotation", rotations);
  return facts_list(facts) + split_rows(report) + intensity_rows(report);
}

Html suggestions_html(const DataReport& report) {
  const std::string config = suggested_config(report), reason = class_weights_reason(report);
  Html result;
  if (!config.empty()) result += element("p", "To paste into a config:") + command_lines({config});
  if (!reason.empty() && !wants_class_weights(report.masks))
    result += element("p", "No class weights are needed: " + reason + ".");
  return result;
}

Html more_facts_html(const nlohmann::json& document) {
  static const std::set<std::string> shown{
      "data",     "split",     "decisions",   "images",        "problems",    "warnings",  "notes",
      "groups",   "sizes",     "channels",    "bits",          "ranges",      "rotations", "invalid_pixels",
      "classes",  "intensity", "mask_values", "ignored_share", "size_policy", "size",      "masks_without_objects",
      "suggested"};
  FactList facts;
  for (const auto& [key, value] : document.items())
    if (shown.count(key) == 0) facts.emplace_back(name_of_key(key), json_html(key, value));
  return facts_list(facts);
}

}  // namespace unet
