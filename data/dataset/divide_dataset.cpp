#include "data/dataset/divide_dataset.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <type_traits>
#include <utility>

namespace unet {
namespace {

/// Label values by sample, as stored: whether `data.labels` is resolved already must not matter to the split. Empty if
/// there are too many to be classes.
std::vector<std::vector<int64_t>> values_of_samples(const DataScan& scan, size_t count) {
  constexpr size_t kMaxValues = 32;
  std::set<int64_t> distinct;
  std::vector<std::vector<int64_t>> values(count);
  for (size_t i = 0; i < count; ++i) {
    for (const auto& [value, pixels] : scan.value_counts[i]) {
      values[i].push_back(value);
      distinct.insert(value);
      if (distinct.size() > kMaxValues) return {};
    }
  }
  return values;
}

SampleContents contents_of(const DataScan& scan, size_t count) {
  SampleContents contents;
  std::vector<size_t> which;
  for (size_t i = 0; i < count; ++i) {
    contents.usable.push_back(scan.usable[i]);
    if (scan.usable[i]) which.push_back(i);
  }
  contents.values = values_of_samples(scan, count);
  contents.near_duplicates = near_duplicates(scan.fingerprints, which);
  return contents;
}

template <class List>
void permute(List& list, const std::vector<size_t>& order) {
  List moved;
  moved.reserve(order.size());
  for (const size_t i : order) moved.push_back(std::move(list[i]));
  list = std::move(moved);
}

}  // namespace

void reorder(DataScan& scan, const std::vector<size_t>& order) {
  // A new list of DataScan belongs here too: without it, this does not compile. The cache's counts have no order.
  auto& [problems, usable, value_counts, shapes, objects, alpha_masks, sizes, channels, has_alpha, bits, invalid,
         converted, palettes, lossy_masks, rotations, image_hashes, mask_hashes, fingerprints, sums, square_sums,
         lowest, highest, cache] = scan;
  const auto permute_all = [&](auto&... lists) { (permute(lists, order), ...); };
  permute_all(usable, value_counts, shapes, objects, alpha_masks, sizes, channels, has_alpha, bits, invalid, converted,
              palettes, lossy_masks, rotations, image_hashes, mask_hashes, fingerprints, sums, square_sums, lowest,
              highest);
  std::vector<size_t> place(order.size());
  for (size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  for (Finding& problem : problems)
    if (problem.sample) problem.sample = place[*problem.sample];
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Finding& a, const Finding& b) { return a.sample < b.sample; });
}

void divide_dataset(Dataset& dataset, const Fractions& fractions) {
  const auto end = std::find_if(dataset.samples.begin(), dataset.samples.end(),
                                [](const SampleRef& sample) { return sample.part != kTrain; });
  const std::vector<SampleRef> samples(dataset.samples.begin(), end);
  const FractionSplit split = divide_by_fraction(
      samples, dataset.options, fractions,
      dataset.options.split_by == SplitBy::name ? SampleContents() : contents_of(dataset.scan, samples.size()));
  for (size_t i = 0; i < samples.size(); ++i) dataset.samples[i].part = split.parts[i];
  std::vector<size_t> order(dataset.samples.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return dataset.part(a) < dataset.part(b); });
  permute(dataset.samples, order);
  reorder(dataset.scan, order);
  dataset.options.split_by = split.method;
  dataset.rule += split.rule;
  dataset.decisions.insert(dataset.decisions.end(), split.decisions.begin(), split.decisions.end());
}

}  // namespace unet
