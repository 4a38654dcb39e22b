#include "data/dataset/split.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "data/dataset/split_rule.h"

namespace unet {
namespace {

/// Splits as the layout does. If it has no validation part, splits the training samples by fraction.
Split split_by_layout(SampleList list, const DataOptions& options) {
  Split split;
  split.divided = true;
  split.rule = list.rule;
  // The training part keeps the memory of the list, as it is the largest.
  const auto is_of = [](Part part) { return [part](const SampleRef& sample) { return sample.part.value() == part; }; };
  for (const Part part : {kVal, kTest}) {
    const auto others = std::stable_partition(list.samples.begin(), list.samples.end(), std::not_fn(is_of(part)));
    split.part(part).assign(std::make_move_iterator(others), std::make_move_iterator(list.samples.end()));
    list.samples.erase(others, list.samples.end());
  }
  split.train = std::move(list.samples);
  if (std::find(list.parts.begin(), list.parts.end(), kVal) != list.parts.end()) return split;
  Split by_fraction = split_by_fraction(std::move(split.train), options, options.val_fraction, 0);
  split.train = std::move(by_fraction.train);
  split.val = std::move(by_fraction.val);
  split.rule += "; validation " + by_fraction.rule;
  return split;
}

Split split_samples(SampleList list, const DataOptions& options) {
  if (!list.parts.empty()) return split_by_layout(std::move(list), options);
  if (divides_by_lists(options)) return split_by_lists(std::move(list.samples), options);
  return split_by_fraction(std::move(list.samples), options, options.val_fraction, options.test_fraction);
}

}  // namespace

const std::vector<SampleRef>& Split::part(Part part) const {
  return part == kTrain ? train : part == kVal ? val : test;
}

std::vector<SampleRef>& Split::part(Part part) {
  return const_cast<std::vector<SampleRef>&>(std::as_const(*this).part(part));
}

Split find_samples(const DataOptions& options, const std::vector<DatasetLayout>& layouts) {
  SampleList list = list_samples(options, layouts);
  const std::vector<Finding> problems = std::move(list.problems), notes = std::move(list.notes);
  const LabelMeaning meaning = std::move(list.meaning);
  const std::optional<FileNames> names = std::move(list.names);
  const std::vector<std::string> decisions = std::move(list.decisions);
  Split split = split_samples(std::move(list), options);
  for (const Part part : {kTrain, kVal, kTest})
    for (SampleRef& sample : split.part(part)) sample.part = part;
  split.problems.insert(split.problems.begin(), problems.begin(), problems.end());
  split.notes = notes;
  split.meaning = meaning;
  split.names = names;
  split.decisions = decisions;
  const bool is_explained = std::any_of(problems.begin(), problems.end(),
                                        [](const Finding& problem) { return problem.kind == FindingKind::no_pair; });
  if (split.train.empty() && split.val.empty() && split.test.empty() && !is_explained)
    split.problems.push_back({FindingKind::no_pair, "",
                              concat(options.dir, ": got no image with a mask, expected at least one. ",
                                     "Check data.images, data.masks and data.mask_suffix"),
                              ""});
  return split;
}

std::vector<SampleRef> samples_of(const Split& split, const std::string& part) {
  std::vector<SampleRef> all = split.train;
  all.insert(all.end(), split.val.begin(), split.val.end());
  all.insert(all.end(), split.test.begin(), split.test.end());
  std::sort(all.begin(), all.end(), [](const SampleRef& a, const SampleRef& b) { return a.name < b.name; });
  if (part == "all") return all;
  const auto* const found = std::find(kPartNames.begin(), kPartNames.end(), part);
  if (found == kPartNames.end())
    fail(ErrorKind::usage, "[--split] got '", part, "'", expected_one_of(part, {"train", "val", "test", "all"}));
  const std::vector<SampleRef>& samples = split.part(static_cast<Part>(found - kPartNames.begin()));
  return samples.empty() && !split.divided ? all : samples;
}

}  // namespace unet
