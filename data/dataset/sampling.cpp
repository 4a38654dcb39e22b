#include "data/dataset/sampling.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "configs/schema/error.h"
#include "data/dataset/label_map.h"

namespace unet {
namespace {

/// Returns the classes that the mask of a sample has.
std::vector<int64_t> present_classes(const ValueCounts& counts, const LabelMap& labels) {
  std::vector<bool> has(static_cast<size_t>(labels.num_classes()));
  for (const auto& [value, count] : counts)
    if (const int64_t label = labels.class_of(value); label != kIgnoreLabel) has[static_cast<size_t>(label)] = true;
  std::vector<int64_t> classes;
  for (size_t label = 0; label < has.size(); ++label)
    if (has[label]) classes.push_back(static_cast<int64_t>(label));
  return classes;
}

void balance_classes(Dataset& dataset, const std::vector<size_t>& train) {
  if (dataset.options.labels.empty()) return;  // a problem already
  const LabelMap labels = label_map(dataset.options);
  std::vector<std::vector<int64_t>> classes;
  for (const size_t i : train) classes.push_back(present_classes(dataset.scan.value_counts[i], labels));
  const std::vector<double> factors = repeat_factors(classes, labels.num_classes(), dataset.options.repeat_threshold);
  for (size_t k = 0; k < train.size(); ++k) dataset.samples[train[k]].weight = static_cast<float>(factors[k]);
  const auto [lowest, highest] = std::minmax_element(factors.begin(), factors.end());
  if (lowest == highest) return;
  dataset.decisions.push_back(concat("data.sampling: class_balanced: images of rare classes are drawn up to ",
                                     *highest / *lowest, " times as often as others"));
}

void require_weights(Dataset& dataset, const std::vector<size_t>& train, bool has_weights) {
  const auto refuse = [&](const std::string& got) {
    dataset.problems.push_back({FindingKind::options, "",
                                "[data.sampling] weighted: got " + got +
                                    ", expected a manifest with a column weight above 0 for a training image. Add it, "
                                    "or --set data.sampling=uniform",
                                ""});
  };
  double sum = 0;
  for (const size_t i : train) sum += dataset.samples[i].weight.value_or(1);
  if (!has_weights) return refuse("a data set without weights");
  if (!(sum > 0) || !std::isfinite(sum)) refuse(concat("weights whose sum is ", sum));
}

}  // namespace

std::vector<double> repeat_factors(const std::vector<std::vector<int64_t>>& classes, int64_t num_classes,
                                   double threshold) {
  std::vector<double> images(static_cast<size_t>(num_classes));
  for (const auto& list : classes)
    for (const int64_t label : list) ++images[static_cast<size_t>(label)];
  std::vector<double> factors;
  for (const auto& list : classes) {
    double factor = 1;
    for (const int64_t label : list) {
      const double fraction = images[static_cast<size_t>(label)] / static_cast<double>(classes.size());
      factor = std::max(factor, std::sqrt(threshold / fraction));
    }
    factors.push_back(factor);
  }
  return factors;
}

void resolve_sampling(Dataset& dataset) {
  const std::vector<size_t> train = dataset.usable({kTrain});
  bool has_weights = false, has_unequal = false;
  for (SampleRef& sample : dataset.samples) {
    has_weights = has_weights || sample.weight;
    has_unequal = has_unequal || (sample.part == kTrain && sample.weight.value_or(1) != 1);
    if (sample.part != kTrain || dataset.options.sampling != Sampling::weighted) sample.weight.reset();
  }
  if (train.empty()) return;
  if (dataset.options.sampling == Sampling::class_balanced) balance_classes(dataset, train);
  if (dataset.options.sampling == Sampling::weighted)
    require_weights(dataset, train, has_weights);
  else if (has_unequal)
    dataset.decisions.push_back(
        concat("the weights of the manifest are not used (data.sampling: ", enum_name(dataset.options.sampling),
               "). To draw images by them: --set data.sampling=weighted"));
}

}  // namespace unet
