#include "app/check/report_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/check/facts.h"
#include "app/check/text_layout.h"
#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

constexpr size_t kHead = 13;  // width of the heading at the beginning of a line, columns

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

std::string bits_text(const DataReport& report) {
  std::vector<std::string> parts;
  const auto counts = image_counts(report, report.data.scan.bits);
  parts.reserve(counts.size());
  for (const auto& [bits, count] : counts)
    parts.push_back(counts.size() == 1 ? fmt::format("{} bits per channel", bits)
                                       : fmt::format("{} with {} bits per channel", count, bits));
  return join(parts);
}

std::string facts(const DataReport& report) {
  if (size_facts(report).different == 0) return "";
  std::string text = fact("parts", parts_text(report)) + fact("sizes", sizes_text(report)) +
                     fact("channels", channels_text(report)) + fact("depth", bits_text(report));
  if (report.masks.ignored > 0)
    text += fact("ignored", percent(report.masks.ignored, report.masks.pixels) +
                                " of the mask pixels; shares below are of the remaining ones");
  return text;
}

std::string values_text(const ClassCounts& counts) {
  constexpr size_t kMaxValues = 4;
  std::vector<std::string> values;
  for (size_t i = 0; i < std::min(kMaxValues, counts.values.size()); ++i) values.push_back(text_of(counts.values[i]));
  if (counts.values.size() > kMaxValues) values.emplace_back("...");
  return join(values);
}

std::string class_table(const DataReport& report) {
  const MaskCounts& masks = report.masks;
  const PartCounts images = usable_by_part(report);
  Columns table;
  std::vector<std::string> head{"class", "mask value"};
  for (size_t part = 0; part < kPartCount; ++part)
    if (images[part] > 0) head.push_back(fmt::format("{} pixels", kPartNames[part]));
  head.insert(head.end(), {"images with it", "share", "weight"});
  table.add(head);
  for (size_t c = 0; c < masks.classes.size(); ++c) {
    const ClassCounts& counts = masks.classes[c];
    std::vector<std::string> row{counts.name, values_text(counts)};
    for (size_t part = 0; part < kPartCount; ++part)
      if (images[part] > 0) row.push_back(percent(counts.pixels[part], masks.labeled[part]));
    row.push_back(std::to_string(sum_of(counts.images)));
    row.push_back(percent(sum_of(counts.images), sum_of(images)));
    row.push_back(fmt::format("{:.2f}", report.class_weights.at(c)));
    table.add(row);
  }
  return table.text();
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
  Columns table;
  table.add({"intensity", "mean", "std", "min", "max"});
  const auto names = channel_names(report);
  for (size_t c = 0; c < names.size(); ++c) {
    const ChannelIntensity& channel = report.intensity[c];
    const auto number = [](double value) { return fmt::format("{:.4f}", value); };
    table.add(
        {names[c], number(channel.mean), number(channel.deviation), number(channel.lowest), number(channel.highest)});
  }
  const std::vector<int>& bits = report.data.scan.bits;
  const bool is_scaled = std::find(bits.begin(), bits.end(), 32) == bits.end();
  return table.text() +
         (is_scaled ? "training images, values scaled to [0,1]\n" : "training images, values as stored\n");
}

std::string weights_text(const DataReport& report) {
  const auto rarest = rarest_class(report.masks);
  if (!rarest) return "";
  const std::string rare =
      fmt::format("the rarest class, {}, has {} of the training pixels", report.masks.classes[*rarest].name,
                  percent(report.masks.classes[*rarest].pixels[kTrain], report.masks.labeled[kTrain]));
  if (wants_class_weights(report.masks))
    return fact("weights", "worth a try: " + rare +
                               ". class_weights: auto of the loss cross_entropy uses the weights above, "
                               "1/ln(1.1 + share)");
  return fact("weights", "not needed: " + rare);
}

std::string crop_text(const DataReport& report) {
  if (report.crop == 0) return "";
  const DataOptions& options = report.data.options;
  std::string text = fmt::format("{0}x{0} fits into {1} of the training images", report.crop,
                                 percent(images_with_min_side(report, report.crop), usable_by_part(report)[kTrain]));
  if (options.size.size() != 2) return fact("crop", text);
  const std::string size = fmt::format("{}x{} pixels (width x height)", options.size[1], options.size[0]);
  const std::string meaning = options.size_policy == SizePolicy::crop ? "cuts crops of " + size + " at random positions"
                              : options.size_policy == SizePolicy::resize ? "resizes whole images to " + size
                                                                          : "pads whole images to " + size;
  return fact("crop", text + ". With these options training " + meaning);
}

/// Lists findings, sorted by kind, under a title for each kind.
std::string findings_text(const std::string& title, const std::vector<Finding>& findings, size_t max_of_a_kind) {
  if (findings.empty()) return "";
  std::string text = fmt::format("\n{}: {}\n", title, findings.size());
  for (size_t begin = 0, end = 0; begin < findings.size(); begin = end) {
    while (end < findings.size() && findings[end].kind == findings[begin].kind) ++end;
    text += fmt::format("  {}: {}\n", title_of(findings[begin].kind), end - begin);
    const size_t shown = std::min(end - begin, max_of_a_kind);
    for (size_t i = begin; i < begin + shown; ++i) text += "    " + wrapped(findings[i].text, 6) + "\n";
    if (shown < end - begin) text += fmt::format("    and {} more\n", end - begin - shown);
  }
  return text;
}

/// Lists what was decided from the data rather than given.
std::string decisions_text(const DataReport& report) {
  std::string text;
  for (const std::string& decision : report.data.decisions) text += fact(text.empty() ? "decided" : "", decision);
  return text.empty() ? "" : "\n" + text;
}

}  // namespace

std::string to_table(const DataReport& report) {
  constexpr size_t kMaxProblems = 20, kMaxWarnings = 4, kMaxNotes = 3;
  const auto& [problems, warnings, notes] = std::tie(report.data.problems, report.warnings, report.data.notes);
  std::string text =
      fmt::format("{}: {}, {}, {}\n\n", report.data.options.dir, counted_or_none(report.data.samples.size(), "image"),
                  counted_or_none(problems.size(), "problem"), counted_or_none(warnings.size(), "warning"));
  text += facts(report);
  if (report.masks.pixels > 0)
    text += "\n" + (report.masks.classes.empty() ? value_table(report) : class_table(report));
  if (!report.intensity.empty()) text += "\n" + intensity_table(report);
  if (report.crop > 0) text += "\n" + weights_text(report) + crop_text(report);
  text += decisions_text(report);
  return text + findings_text("Notes", notes, kMaxNotes) + findings_text("Warnings", warnings, kMaxWarnings) +
         findings_text("Problems", problems, kMaxProblems);
}

}  // namespace unet
