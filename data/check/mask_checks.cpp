#include <set>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "data/check/checks.h"
#include "data/dataset/label_map.h"
#include "data/dataset/label_text.h"

namespace unet {
namespace {

std::string values_text(const std::vector<LabelKey>& values) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const LabelKey& key : values) texts.push_back(text_of(key));
  return (texts.size() == 1 ? "mask value " : "mask values ") + join(texts);
}

/// Returns a setting that renumbers the classes that occur; "" if they are too few or too many.
std::string occurring_classes(const MaskCounts& masks) {
  constexpr size_t kMaxListed = 32;
  LabelClasses labels;
  int64_t count = 0;
  for (const ClassCounts& each : masks.classes) {
    if (sum_of(each.images) == 0) continue;
    for (const LabelKey& key : each.values) labels.emplace(key, count);
    ++count;
  }
  return count < 2 || labels.size() > kMaxListed ? "" : ": " + labels_setting(labels);
}

}  // namespace

void check_masks(const Dataset& data, std::vector<Finding>& findings) {
  if (data.options.labels.empty()) return;
  const LabelMap labels = label_map(data.options);
  for (size_t i = 0; i < data.samples.size(); ++i) {
    if (!data.scan.usable[i]) continue;
    std::set<int64_t> classes;
    bool all_known = true;
    for (const auto& [value, count] : data.scan.value_counts[i]) {
      all_known = all_known && labels.knows(value);
      if (labels.class_of(value) != kIgnoreLabel) classes.insert(labels.class_of(value));
    }
    const std::string file = text_of(data.samples[i].labels);
    if (classes.empty() && all_known)
      findings.push_back({FindingKind::ignored_mask, file, concat(file, ": every pixel is ignored"), "all ignored", i});
    if (classes.size() != 1) continue;
    const std::string only = "only " + data.options.class_names.at(static_cast<size_t>(*classes.begin()));
    findings.push_back({FindingKind::constant_mask, file, concat(file, ": ", only), only, i});
  }
}

void check_classes(const MaskCounts& masks, std::vector<Finding>& findings) {
  const std::string remaining = occurring_classes(masks);
  for (const ClassCounts& each : masks.classes) {
    const std::string named = concat(each.name, " (", values_text(each.values), "): ");
    if (sum_of(each.images) == 0)
      findings.push_back(
          {FindingKind::absent_class, "",
           concat(named, "occurs in no mask. Add images that show it, or remove it from data.labels", remaining), ""});
    else if (each.images[kTrain] == 0)
      findings.push_back({FindingKind::untrained_class, "",
                          concat(named, "in ", each.images[kVal], " validation and ", each.images[kTest],
                                 " test images but in no training image, so it cannot be learned. Change the split"),
                          ""});
  }
}

}  // namespace unet
