#include "data/dataset/unknown_values.h"

#include <algorithm>
#include <map>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/label_map.h"
#include "data/dataset/label_text.h"

namespace unet {
namespace {

constexpr size_t kMaxExamples = 3;

/// The masks that have a value without a class.
struct UnknownValue {
  int64_t pixels = 0;
  size_t masks = 0;
  std::vector<std::string> examples;

  void add(const std::string& file, int64_t count) {
    pixels += count;
    ++masks;
    if (examples.size() < kMaxExamples) examples.push_back(file);
  }
};

using UnknownValues = std::map<int64_t, UnknownValue>;

/// Lists the values with most pixels first: "255 (120 pixels in 4 masks: a.png, b.png, c.png and 1 more)".
std::string unknown_text(const UnknownValues& unknown) {
  std::vector<std::pair<int64_t, int64_t>> by_pixels;
  for (const auto& [value, found] : unknown) by_pixels.emplace_back(-found.pixels, value);
  std::sort(by_pixels.begin(), by_pixels.end());
  std::vector<std::string> texts;
  for (const auto& [pixels, value] : by_pixels) {
    const UnknownValue& found = unknown.at(value);
    const std::string more =
        found.masks > found.examples.size() ? concat(" and ", found.masks - found.examples.size(), " more") : "";
    texts.push_back(concat(label_value_text(value), " (", found.pixels, " pixels in ", counted(found.masks, "mask"),
                           ": ", join(found.examples), more, ")"));
  }
  return join_first(texts, kMaxExamples);
}

/// "unknown values 5, 9"
std::string unknown_reason(const ValueCounts& counts) {
  constexpr size_t kShown = 12;
  std::vector<std::string> values;
  for (const auto& [value, count] : counts) values.push_back(label_value_text(value));
  return concat(values.size() == 1 ? "unknown value " : "unknown values ", join_first(values, kShown));
}

/// Returns settings that ignore the values or make them classes, complete with what is already set.
std::string unknown_remedy(const DataOptions& options, int64_t classes, const UnknownValues& unknown) {
  constexpr size_t kMaxListed = 32;
  if (unknown.size() > kMaxListed)
    return concat("These are ", unknown.size(), " values: check that data.masks holds masks, and see data.snap, ",
                  "data.threshold and ranges in data.labels");
  std::vector<LabelKey> ignored = options.ignore_values;
  LabelClasses labels = options.labels;
  for (const auto& [value, found] : unknown) {
    ignored.emplace_back(value);
    labels.emplace(value, classes++);
  }
  const std::string ignoring = "To ignore them: " + ignore_setting(ignored);
  return classes > kMaxClasses ? ignoring : ignoring + ". To make them classes: " + labels_setting(labels);
}

}  // namespace

std::vector<Finding> unknown_values(const DataOptions& options, const std::vector<SampleRef>& samples,
                                    const DataScan& scan) {
  const LabelMap labels = label_map(options);
  UnknownValues unknown;
  std::vector<Finding> findings;
  for (size_t i = 0; i < samples.size(); ++i) {
    ValueCounts counts;
    for (const auto& [value, count] : scan.value_counts[i])
      if (!labels.knows(value)) counts.emplace(value, count);
    if (counts.empty()) continue;
    const std::string file = text_of(samples[i].labels);
    for (const auto& [value, count] : counts) unknown[value].add(file, count);
    findings.push_back(
        {FindingKind::unknown_value, file,
         concat(file, ": got mask values without a class: ", counts_text(counts), ", expected keys of data.labels"),
         unknown_reason(counts), i});
  }
  if (findings.empty()) return findings;
  const std::string remedy = unknown_remedy(options, labels.num_classes(), unknown);
  if (findings.size() == 1) {
    findings[0].text += ". " + remedy;
    return findings;
  }
  findings.insert(findings.begin(), {FindingKind::labels, "",
                                     concat("got mask values without a class in ", findings.size(), " of ",
                                            samples.size(), " masks: ", unknown_text(unknown), ". ", remedy),
                                     ""});
  return findings;
}

}  // namespace unet
