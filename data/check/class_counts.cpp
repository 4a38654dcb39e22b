#include "data/check/class_counts.h"

#include <numeric>

#include "data/dataset/label_map.h"

namespace unet {
namespace {

std::vector<ClassCounts> classes_of(const DataOptions& options) {
  std::vector<ClassCounts> classes;
  for (const std::string& name : options.class_names) classes.push_back({name, {}, {}, {}});
  for (const auto& [key, label] : options.labels)
    if (label != kIgnoreLabel) classes.at(static_cast<size_t>(label)).values.push_back(key);
  return classes;
}

}  // namespace

MaskCounts count_classes(const Dataset& data) {
  MaskCounts masks;
  for (const ValueCounts& counts : data.scan.value_counts)
    for (const auto& [value, count] : counts) masks.pixels += count;
  if (data.options.labels.empty()) return masks;

  const LabelMap labels = label_map(data.options);
  masks.classes = classes_of(data.options);
  for (size_t i = 0; i < data.samples.size(); ++i) {
    const Part part = data.part(i);
    std::vector<int64_t> pixels(masks.classes.size());
    for (const auto& [value, count] : data.scan.value_counts[i]) {
      const int64_t label = labels.class_of(value);
      if (label != kIgnoreLabel)
        pixels[static_cast<size_t>(label)] += count;
      else if (labels.knows(value))
        masks.ignored += count;
    }
    for (size_t c = 0; c < pixels.size(); ++c) {
      masks.classes[c].pixels[part] += pixels[c];
      masks.classes[c].images[part] += pixels[c] > 0 ? 1 : 0;
      masks.labeled[part] += pixels[c];
    }
  }
  return masks;
}

double class_share(const MaskCounts& masks, size_t index, Part part) {
  if (masks.labeled[part] == 0) return 0;
  return static_cast<double>(masks.classes[index].pixels[part]) / static_cast<double>(masks.labeled[part]);
}

int64_t sum_of(const PartCounts& counts) { return std::accumulate(counts.begin(), counts.end(), int64_t{0}); }

}  // namespace unet
