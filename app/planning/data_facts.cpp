#include "app/planning/data_facts.h"

#include <algorithm>
#include <numeric>

namespace unet {
namespace {

template <class T>
double quantile(std::vector<T> values, double share) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return static_cast<double>(*at);
}

/// Width that this share of the area does not exceed. A pixel of a middle line stands for as many as the class is wide
/// there, so that the short branches in corners hardly count.
double width_quantile(std::vector<float> widths, double share) {
  std::sort(widths.begin(), widths.end());
  const double area = std::accumulate(widths.begin(), widths.end(), 0.0);
  double sum = 0;
  for (const float width : widths)
    if ((sum += width) >= share * area) return width;
  return 0;
}

double megapixels(cv::Size size) { return static_cast<double>(size.width) * size.height / 1e6; }

void gather_sizes(DataFacts& facts, const Dataset& dataset) {
  const std::vector<size_t> train = dataset.usable({kTrain}), val = dataset.usable({kVal});
  facts.train_images = static_cast<int64_t>(train.size());
  facts.val_images = static_cast<int64_t>(val.size());
  std::vector<cv::Size> sizes;
  std::vector<int64_t> sides;
  double lowest = 1e9, highest = 0;
  for (const size_t i : train) {
    const cv::Size size = dataset.scan.sizes[i];
    sizes.push_back(size);
    sides.push_back(std::min(size.width, size.height));
    const double aspect = static_cast<double>(size.height) / size.width;
    lowest = std::min(lowest, aspect);
    highest = std::max(highest, aspect);
    facts.train_megapixels += megapixels(size) / static_cast<double>(train.size());
  }
  for (const size_t i : val) facts.val_megapixels += megapixels(dataset.scan.sizes[i]);
  if (sizes.empty()) return;
  std::sort(sizes.begin(), sizes.end(), [](cv::Size a, cv::Size b) {
    return std::make_pair(a.area(), a.height) < std::make_pair(b.area(), b.height);
  });
  const cv::Size median = sizes[(sizes.size() - 1) / 2];
  facts.height = median.height;
  facts.width = median.width;
  facts.short_side = static_cast<int64_t>(quantile(sides, 0.5));
  facts.aspect_spread = highest / lowest;
  cv::Size largest = sizes.back();
  for (const size_t i : val)
    if (megapixels(dataset.scan.sizes[i]) > megapixels(largest)) largest = dataset.scan.sizes[i];
  facts.largest_height = largest.height;
  facts.largest_width = largest.width;
}

/// The class that `is_better` prefers to all others of those that `counts`; null if there is none.
template <class Counts, class IsBetter>
const ClassFacts* best_class(const std::vector<ClassFacts>& classes, const Counts& counts, const IsBetter& is_better) {
  const ClassFacts* best = nullptr;
  for (const ClassFacts& each : classes)
    if (counts(each) && (best == nullptr || is_better(each, *best))) best = &each;
  return best;
}

}  // namespace

const ClassFacts* DataFacts::rarest() const {
  return best_class(
      classes, [](const ClassFacts& each) { return each.share > 0; },
      [](const ClassFacts& a, const ClassFacts& b) { return a.share < b.share; });
}

const ClassFacts* DataFacts::widest() const {
  const auto is_foreground = [&](const ClassFacts& each) {
    return each.width > 0 && (classes.size() < 2 || &each != &classes.front());
  };
  return best_class(classes, is_foreground,
                    [](const ClassFacts& a, const ClassFacts& b) { return a.large_width > b.large_width; });
}

const ClassFacts* DataFacts::thinnest() const {
  return best_class(
      classes, [](const ClassFacts& each) { return each.width > 0; },
      [](const ClassFacts& a, const ClassFacts& b) { return a.width < b.width; });
}

std::vector<ClassFacts> class_facts(const std::vector<SampleLook>& looks) {
  std::vector<ClassFacts> facts(looks.empty() ? 0 : looks.front().pixels.size());
  for (size_t c = 0; c < facts.size(); ++c) {
    std::vector<float> widths;
    std::vector<int64_t> areas;
    for (const SampleLook& look : looks) {
      widths.insert(widths.end(), look.widths[c].begin(), look.widths[c].end());
      areas.insert(areas.end(), look.areas[c].begin(), look.areas[c].end());
    }
    facts[c].name = std::to_string(c);
    facts[c].objects = static_cast<int64_t>(areas.size());
    facts[c].area = quantile(areas, 0.5);
    facts[c].width = width_quantile(widths, 0.5);
    facts[c].large_width = width_quantile(widths, 0.9);
  }
  return facts;
}

std::array<double, kScales.size()> mask_iou(const std::vector<SampleLook>& looks) {
  std::array<double, kScales.size()> result{};
  for (size_t s = 0; s < kScales.size(); ++s) {
    double sum = 0;
    int64_t seen = 0;
    const size_t classes = looks.empty() ? 0 : looks.front().pixels.size();
    for (size_t c = 0; c < classes; ++c) {
      int64_t agreeing = 0, either = 0;
      for (const SampleLook& look : looks) {
        agreeing += look.agreeing[s][c];
        either += look.either[s][c];
      }
      if (either == 0) continue;
      ++seen;
      sum += static_cast<double>(agreeing) / static_cast<double>(either);
    }
    result[s] = seen == 0 ? 1 : sum / static_cast<double>(seen);
  }
  return result;
}

DataFacts gather_data_facts(const Dataset& dataset, const std::vector<double>& class_share,
                            const std::function<bool()>& stop) {
  DataFacts facts;
  gather_sizes(facts, dataset);
  facts.channels = dataset.options.channels.value_or(1);
  const std::vector<size_t> train = dataset.usable({kTrain});
  std::vector<int64_t> bits;
  for (const size_t i : train) bits.push_back(dataset.scan.bits[i]);
  facts.bits = static_cast<int64_t>(quantile(bits, 0.5));
  const std::vector<size_t> chosen = samples_to_look_at(dataset);
  const std::vector<SampleLook> looks = look_at_samples(dataset, chosen, stop);
  facts.looked_at = static_cast<int64_t>(looks.size());
  facts.classes = class_facts(looks);
  for (size_t c = 0; c < facts.classes.size(); ++c) {
    if (c < class_share.size()) facts.classes[c].share = class_share[c];
    if (c < dataset.options.class_names.size()) facts.classes[c].name = dataset.options.class_names[c];
  }
  facts.mask_iou = mask_iou(looks);
  facts.orientation = compare_halves(looks);
  facts.normalization = advise_normalization(dataset, train, facts.channels);
  return facts;
}

}  // namespace unet
