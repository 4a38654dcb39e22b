#include "data/check/object_facts.h"

#include <algorithm>
#include <functional>
#include <set>

#include "configs/schema/ignore_label.h"
#include "data/dataset/label_map.h"
#include "data/dataset/parallel_samples.h"
#include "data/dataset/read_sample.h"

namespace unet {
namespace {

constexpr float kThinnestObject = 3;  // pixels: a pixel with its four neighbors

/// Objects of one class, and how many label values they have.
struct GatheredObjects {
  std::vector<int64_t> pixels;
  std::vector<float> thicknesses;
  std::set<int64_t> values;
  int64_t images = 0;
};

std::vector<GatheredObjects> gather_objects(const std::vector<MaskObjects>& masks, int64_t classes,
                                            const std::function<int64_t(int64_t value)>& class_of) {
  std::vector<GatheredObjects> gathered(static_cast<size_t>(classes));
  for (const MaskObjects& mask : masks) {
    std::set<int64_t> present;
    for (const LabelObject& object : mask.objects) {
      const int64_t label = class_of(object.value);
      if (label == kIgnoreLabel) continue;
      GatheredObjects& found = gathered[static_cast<size_t>(label)];
      found.pixels.push_back(object.pixels);
      found.thicknesses.push_back(object.thickness);
      found.values.insert(object.value);
      found.images += present.insert(label).second ? 1 : 0;
    }
  }
  return gathered;
}

/// Whether a class has several values, most of whose pieces are only slivers: parts of objects rather than objects.
bool has_fragments(const GatheredObjects& objects) {
  const auto thin = std::count_if(objects.thicknesses.begin(), objects.thicknesses.end(),
                                  [](float thickness) { return thickness < kThinnestObject; });
  return objects.values.size() > 1 && 2 * static_cast<size_t>(thin) > objects.thicknesses.size();
}

std::vector<MaskObjects> measure_class_objects(const Dataset& data, const LabelMap& labels, const ScanOptions& scan) {
  std::vector<MaskObjects> masks(data.samples.size());
  for_each_sample(data.samples.size(), scan, [&](size_t i) {
    if (!data.scan.usable[i]) return;
    ValueCounts unknown;
    masks[i] = measure_objects(labels.to_classes(read_labels(data.samples[i], data.scan.sizes[i]).values, unknown));
  });
  return masks;
}

template <class T>
T lower_median(std::vector<T>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

ObjectFacts facts_of(GatheredObjects& objects) {
  ObjectFacts facts;
  if (objects.pixels.empty()) return facts;
  facts.count = static_cast<int64_t>(objects.pixels.size());
  facts.images = objects.images;
  facts.smallest = *std::min_element(objects.pixels.begin(), objects.pixels.end());
  facts.largest = *std::max_element(objects.pixels.begin(), objects.pixels.end());
  facts.median = lower_median(objects.pixels);
  facts.thickness = lower_median(objects.thicknesses);
  return facts;
}

bool has_too_many(const MaskObjects& mask) { return mask.has_too_many; }

}  // namespace

ClassObjects count_objects(const Dataset& data, const ScanOptions& scan) {
  ClassObjects result;
  const std::vector<MaskObjects>& measured = data.scan.objects;
  const bool is_measured =
      std::any_of(measured.begin(), measured.end(), [](const MaskObjects& mask) { return mask.is_measured; });
  if (!is_measured || data.options.labels.empty()) return result;
  const LabelMap labels = label_map(data.options);
  auto gathered = gather_objects(measured, labels.num_classes(), [&](int64_t value) { return labels.class_of(value); });
  result.masks_left_out = std::count_if(measured.begin(), measured.end(), has_too_many);
  if (result.masks_left_out > 0 || std::any_of(gathered.begin(), gathered.end(), has_fragments)) {
    const std::vector<MaskObjects> masks = measure_class_objects(data, labels, scan);
    gathered = gather_objects(masks, labels.num_classes(), [](int64_t label) { return label; });
    result.masks_left_out = std::count_if(masks.begin(), masks.end(), has_too_many);
  }
  for (GatheredObjects& objects : gathered) result.classes.push_back(facts_of(objects));
  return result;
}

}  // namespace unet
