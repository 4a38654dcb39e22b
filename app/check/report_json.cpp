#include "app/check/report_json.h"

#include <nlohmann/json.hpp>

#include "app/check/facts.h"
#include "app/check/suggested_config.h"
#include "data/dataset/finding_groups.h"

namespace unet {
namespace {

using nlohmann::json;

json counts_by_part(const PartCounts& counts) {
  json result;
  for (size_t part = 0; part < kPartCount; ++part) result[kPartNames[part]] = counts[part];
  return result;
}

json findings_json(const Dataset& data, const std::vector<Finding>& findings) {
  json list = json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"kind", name_of(finding.kind)},
                    {"file", finding.file.empty() ? json() : json(finding.file)},
                    {"text", finding.text}});
    if (finding.twin) list.back()["other"] = data.samples[*finding.twin].text();
  }
  return list;
}

/// The findings by cause, see `group_findings`.
json groups_json(const Dataset& data, const std::vector<Finding>& findings) {
  json list = json::array();
  for (const FindingGroup& group : group_findings(findings, data.options.dir))
    list.push_back(
        {{"kind", name_of(group.kind)}, {"count", group.count}, {"cause", group.cause}, {"examples", group.examples}});
  return list;
}

json size_json(cv::Size size) { return {size.width, size.height}; }

json sizes_json(const DataReport& report) {
  const SizeFacts sizes = size_facts(report);
  if (sizes.different == 0) return nullptr;
  return {{"smallest", size_json(sizes.smallest)},
          {"median", size_json(sizes.median)},
          {"largest", size_json(sizes.largest)},
          {"different", sizes.different}};
}

/// Counts of images by channels or bits.
json counts_json(const std::map<int, int64_t>& counts) {
  json result = json::object();
  for (const auto& [value, count] : counts) result[label_value_text(value)] = count;
  return result;
}

double share(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// A single value is a number, as programs expect; ranges and colors are texts.
json keys_json(const std::vector<LabelKey>& keys) {
  json list = json::array();
  for (const LabelKey& key : keys)
    list.push_back(key.low == key.high && !is_color(key.low) ? json(key.low) : json(text_of(key)));
  return list;
}

json objects_json(const ObjectFacts& objects) {
  json result{{"count", objects.count}, {"images", objects.images}};
  if (objects.count == 0) return result;
  result["pixels"] = {{"smallest", objects.smallest}, {"median", objects.median}, {"largest", objects.largest}};
  result["thickness"] = objects.thickness;
  return result;
}

json classes_json(const DataReport& report) {
  const MaskCounts& masks = report.masks;
  json list = json::array();
  for (size_t c = 0; c < masks.classes.size(); ++c) {
    const ClassCounts& counts = masks.classes[c];
    list.push_back({{"name", counts.name},
                    {"mask_values", keys_json(counts.values)},
                    {"pixels", counts_by_part(counts.pixels)},
                    {"pixel_share", share(sum_of(counts.pixels), sum_of(masks.labeled))},
                    {"training_pixel_share", class_share(masks, c, kTrain)},
                    {"images", counts_by_part(counts.images)},
                    {"image_share", share(sum_of(counts.images), sum_of(usable_by_part(report)))}});
    if (!report.objects.classes.empty()) list.back()["objects"] = objects_json(report.objects.classes.at(c));
  }
  return list;
}

json values_json(const DataReport& report) {
  ValueCounts all;
  for (const ValueCounts& counts : report.data.scan.value_counts)
    for (const auto& [value, count] : counts) all[value] += count;
  json result = json::object();
  for (const auto& [value, count] : all) result[std::to_string(value)] = count;
  return result;
}

json intensity_json(const DataReport& report) {
  json list = json::array();
  const auto names = channel_names(report);
  for (size_t c = 0; c < names.size(); ++c)
    list.push_back({{"channel", names[c]},
                    {"mean", report.intensity[c].mean},
                    {"std", report.intensity[c].deviation},
                    {"min", report.intensity[c].lowest},
                    {"max", report.intensity[c].highest}});
  return list;
}

json ranges_json(const DataReport& report) {
  json list = json::array();
  for (const RangeFacts& range : range_facts(report))
    list.push_back({{"bits", range.bits},
                    {"images", range.images},
                    {"lowest", range.lowest},
                    {"highest", range.highest},
                    {"share", range.share}});
  return list;
}

json rotations_json(const DataReport& report) {
  const auto counts = rotation_counts(report);
  const auto count = [&](MaskRotation rotation) { return counts.at(static_cast<size_t>(rotation)); };
  return {{"equal", count(MaskRotation::equal)},
          {"mask_as_shown", count(MaskRotation::upright)},
          {"mask_turned", count(MaskRotation::turned)},
          {"unclear", count(MaskRotation::unclear)}};
}

json suggested_json(const DataReport& report) {
  const bool has_advice = !report.normalization.reason.empty();
  return {{"class_weights", report.class_weights},
          {"use_class_weights", wants_class_weights(report.masks)},
          {"crop", report.crop == 0 ? json() : json(report.crop)},
          {"normalize", has_advice ? json(enum_name(report.normalization.normalize)) : json()},
          {"config", suggested_config(report)}};
}

}  // namespace

json to_json(const DataReport& report) {
  const DataOptions& options = report.data.options;
  return {{"data", options.dir},
          {"split", report.data.rule},
          {"decisions", report.data.decisions},
          {"images", counts_by_part(images_by_part(report))},
          {"problems", findings_json(report.data, report.data.problems)},
          {"warnings", findings_json(report.data, report.warnings)},
          {"notes", findings_json(report.data, report.data.notes)},
          {"groups",
           {{"problems", groups_json(report.data, report.data.problems)},
            {"warnings", groups_json(report.data, report.warnings)},
            {"notes", groups_json(report.data, report.data.notes)}}},
          {"sizes", sizes_json(report)},
          {"channels", counts_json(image_counts(report, report.data.scan.channels))},
          {"bits", counts_json(image_counts(report, report.data.scan.bits))},
          {"ranges", ranges_json(report)},
          {"invalid_pixels", invalid_pixels(report)},
          {"rotations", rotations_json(report)},
          {"classes", classes_json(report)},
          {"masks_without_objects", report.objects.masks_left_out},
          {"mask_values", values_json(report)},
          {"ignored_share", share(report.masks.ignored, report.masks.pixels)},
          {"intensity", intensity_json(report)},
          {"size_policy", enum_name(options.size_policy)},
          {"size", options.size},
          {"suggested", suggested_json(report)}};
}

}  // namespace unet
