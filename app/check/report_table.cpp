#include "app/check/report_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "app/check/facts.h"
#include "app/check/suggested_config.h"
#include "app/check/text_layout.h"
#include "configs/schema/text.h"
#include "data/dataset/finding_groups.h"

namespace unet {
namespace {

constexpr size_t kHead = 11;          // width of the heading at the beginning of a line, columns
constexpr size_t kMaxNameWidth = 16;  // of class names in tables, columns

std::string fact(const std::string& head, const std::string& text) {
  return padded(head, kHead) + wrapped(text, kHead) + "\n";
}

std::string counted_or_none(size_t count, const std::string& noun) {
  return count == 0 ? "no " + noun + "s" : counted(count, noun);
}

std::string size_text(cv::Size size) { return fmt::format("{}x{}", size.width, size.height); }

std::string parts_text(const DataReport& report) {
  std::vector<std::string> parts;
  const PartCounts counts = images_by_part(report);
  for (size_t part = 0; part < kPartCount; ++part)
    if (counts[part] > 0) parts.push_back(fmt::format("{} {}", counts[part], kPartNames[part]));
  return fmt::format("{} ({})", join(parts), report.data.rule);
}

std::string sizes_text(const DataReport& report) {
  const SizeFacts sizes = size_facts(report);
  if (sizes.different == 1) return "all " + size_text(sizes.median) + " (width x height)";
  return fmt::format("{} to {}, median {}, {} different (width x height)", size_text(sizes.smallest),
                     size_text(sizes.largest), size_text(sizes.median), sizes.different);
}

std::string channels_text(const DataReport& report) {
  std::vector<std::string> parts;
  const auto counts = image_counts(report, report.data.scan.channels);
  const std::vector<bool>& alpha = report.data.scan.has_alpha;
  const bool is_rgba = std::find(alpha.begin(), alpha.end(), true) != alpha.end();
  for (const auto& [channels, count] : counts) {
    const std::string name = channels == 1   ? "gray"
                             : channels == 3 ? "RGB"
                             : is_rgba       ? "RGBA"
                                             : fmt::format("{} channels", channels);
    parts.push_back(counts.size() == 1 ? name : fmt::format("{} {}", count, name));
  }
  const size_t taken = report.intensity.size();
  const std::string as = taken == 1              ? "gray"
                         : taken == 3            ? "RGB"
                         : taken == 4 && is_rgba ? "RGBA"
                                                 : fmt::format("{} channels", taken);
  return join(parts) + (taken == 0 ? "" : fmt::format("; the network sees {}", as));
}

/// "16 bits, values 134 to 3912: uses 6% of the 16-bit range"
std::string range_text(const RangeFacts& range) {
  constexpr double kUnusual = 0.5;
  const auto number = [&](double value) { return number_text(range.bits == 32 ? value : std::round(value)); };
  std::string text = fmt::format("{} bits, values {} to {}", range.bits, number(range.lowest), number(range.highest));
  if (range.share > 0 && range.share < kUnusual)
    text +=
        fmt::format(": uses {:.{}f}% of the {}-bit range", 100 * range.share, range.share < 0.01 ? 1 : 0, range.bits);
  return text;
}

std::string depth_text(const DataReport& report) {
  const std::vector<RangeFacts> ranges = range_facts(report);
  std::vector<std::string> parts;
  for (const RangeFacts& range : ranges)
    parts.push_back((ranges.size() > 1 ? counted(range.images, "image") + " of " : "") + range_text(range));
  if (const int64_t invalid = invalid_pixels(report); invalid > 0)
    parts.push_back(counted(invalid, "pixel") + " without a value");
  return join(parts, "; ");
}

std::string facts(const DataReport& report) {
  if (size_facts(report).different == 0) return "";
  std::string text = fact("parts", parts_text(report)) + fact("sizes", sizes_text(report)) +
                     fact("channels", channels_text(report)) + fact("depth", depth_text(report));
  if (const std::string rotations = rotation_text(report); !rotations.empty()) text += fact("EXIF", rotations);
  if (report.masks.ignored > 0)
    text += fact("ignored", percent(report.masks.ignored, report.masks.pixels) +
                                " of the mask pixels; shares below are of the remaining ones");
  return text;
}

std::string name_text(const std::string& name) { return shortened(name, kMaxNameWidth); }

std::string values_text(const ClassCounts& counts) {
  constexpr size_t kMaxWidth = 14;  // columns
  std::vector<std::string> values;
  for (const LabelKey& key : counts.values) {
    values.push_back(text_of(key));
    if (values.size() == 1 || columns_of(join(values)) <= kMaxWidth) continue;
    values.back() = "...";
    break;
  }
  return join(values);
}

/// Shares of the pixels by part, and the weights that follow from them.
std::string share_table(const DataReport& report) {
  const MaskCounts& masks = report.masks;
  const PartCounts images = usable_by_part(report);
  Columns table;
  std::vector<std::string> head{"share", "mask value"};
  for (size_t part = 0; part < kPartCount; ++part)
    if (images[part] > 0) head.push_back(kPartNames[part]);
  head.emplace_back("weight");
  table.add(head);
  for (size_t c = 0; c < masks.classes.size(); ++c) {
    std::vector<std::string> row{name_text(masks.classes[c].name), values_text(masks.classes[c])};
    for (size_t part = 0; part < kPartCount; ++part)
      if (images[part] > 0) row.push_back(percent(masks.classes[c].pixels[part], masks.labeled[part]));
    row.push_back(fmt::format("{:.2f}", report.class_weights.at(c)));
    table.add(row);
  }
  return table.text();
}

/// Pixels, images and objects of each class.
std::string count_table(const DataReport& report) {
  const bool has_objects = !report.objects.classes.empty();
  Columns table;
  std::vector<std::string> head{"count", "pixels", "images"};
  if (has_objects) head.insert(head.end(), {"objects", "median", "range", "thickness"});
  table.add(head);
  for (size_t c = 0; c < report.masks.classes.size(); ++c) {
    const ClassCounts& counts = report.masks.classes[c];
    std::vector<std::string> row{name_text(counts.name), std::to_string(sum_of(counts.pixels)),
                                 std::to_string(sum_of(counts.images))};
    if (has_objects) {
      const ObjectFacts& objects = report.objects.classes.at(c);
      row.push_back(std::to_string(objects.count));
      if (objects.count > 0)
        row.insert(row.end(), {std::to_string(objects.median), fmt::format("{}-{}", objects.smallest, objects.largest),
                               fmt::format("{:.1f}", objects.thickness)});
    }
    table.add(row);
  }
  if (!has_objects) return table.text();
  std::string text = table.text() +
                     "objects: connected components; their median size and range in pixels, and the\n"
                     "median of their thickness at the widest place in pixels\n";
  if (report.objects.masks_left_out > 0)
    text += fmt::format("objects of {} with more than {} of them are not counted\n",
                        counted(report.objects.masks_left_out, "mask"), kMaxObjectsPerMask);
  return text;
}

/// Table of the mask values, for masks whose classes are unknown.
std::string value_table(const DataReport& report) {
  constexpr size_t kMaxValues = 12;
  ValueCounts pixels, images;
  for (const ValueCounts& counts : report.data.scan.value_counts)
    for (const auto& [value, count] : counts) {
      pixels[value] += count;
      ++images[value];
    }
  Columns table;
  table.add({"mask value", "pixels", "share", "images with it"});
  size_t shown = 0;
  for (const auto& [value, count] : pixels) {
    if (shown++ == kMaxValues) break;
    table.add({label_value_text(value), std::to_string(count), percent(count, report.masks.pixels),
               std::to_string(images[value])});
  }
  return table.text() +
         (pixels.size() > kMaxValues ? fmt::format("and {} more values\n", pixels.size() - kMaxValues) : "");
}

std::string intensity_table(const DataReport& report) {
  constexpr size_t kMaxChannels = 8;
  Columns table;
  table.add({"intensity", "mean", "std", "min", "max"});
  const auto names = channel_names(report);
  const size_t shown = std::min(names.size(), kMaxChannels);
  for (size_t c = 0; c < shown; ++c) {
    const ChannelIntensity& channel = report.intensity[c];
    const auto number = [](double value) { return fmt::format("{:.4f}", value); };
    table.add(
        {names[c], number(channel.mean), number(channel.deviation), number(channel.lowest), number(channel.highest)});
  }
  const std::vector<int>& bits = report.data.scan.bits;
  const bool is_scaled = std::find(bits.begin(), bits.end(), 32) == bits.end();
  return table.text() +
         (shown < names.size() ? fmt::format("and {}\n", counted(names.size() - shown, "more channel")) : "") +
         (is_scaled ? "training images, values scaled to [0,1]\n" : "training images, values as stored\n");
}

std::string suggestions(const DataReport& report) {
  const std::string lines = suggested_config(report);
  if (lines.empty()) return "";
  const std::string reason = class_weights_reason(report);
  const bool needs_none = !reason.empty() && !wants_class_weights(report.masks);
  return "\nSuggested, to paste into a config:\n" + lines +
         (needs_none ? "\n" + wrapped("No class weights are needed: " + reason, 0) + "\n" : "");
}

/// Lists findings, sorted by kind, under a title for each kind, grouped by cause.
std::string findings_text(const std::string& title, const std::vector<Finding>& findings, const DataReport& report,
                          size_t max_causes) {
  if (findings.empty()) return "";
  std::string text = fmt::format("\n{}: {}\n", title, findings.size());
  const auto lines = finding_lines(group_findings(findings, report.data.options.dir), max_causes);
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string indent(2 * (lines[i].depth + 1), ' ');
    const bool is_leaf = i + 1 == lines.size() || lines[i + 1].depth <= lines[i].depth;
    text += indent + wrapped(lines[i].text, indent.size() + (is_leaf ? 2 : 0)) + "\n";
  }
  return text;
}

/// Lists what was decided from the data rather than given.
std::string decisions_text(const DataReport& report) {
  std::string text;
  for (const std::string& decision : report.data.decisions) text += "  " + wrapped(decision, 4) + "\n";
  return text.empty() ? "" : "\nDecided:\n" + text;
}

}  // namespace

std::string to_table(const DataReport& report) {
  constexpr size_t kMaxCauses = 5, kMaxNotes = 2;  // of a kind
  const auto& [problems, warnings] = std::tie(report.data.problems, report.warnings);
  std::string text =
      fmt::format("{}: {}, {}, {}\n", report.data.options.dir, counted_or_none(report.data.samples.size(), "image"),
                  counted_or_none(problems.size(), "problem"), counted_or_none(warnings.size(), "warning"));
  text +=
      findings_text("Problems", problems, report, kMaxCauses) + findings_text("Warnings", warnings, report, kMaxCauses);
  if (const std::string lines = facts(report); !lines.empty()) text += "\n" + lines;
  if (!report.masks.classes.empty() && report.masks.pixels > 0)
    text += "\n" + share_table(report) + "\n" + count_table(report);
  else if (report.masks.pixels > 0)
    text += "\n" + value_table(report);
  if (!report.intensity.empty()) text += "\n" + intensity_table(report);
  return text + suggestions(report) + decisions_text(report) +
         findings_text("Skipped", report.data.skipped(), report, kMaxNotes);
}

}  // namespace unet
