#include "data/dataset/split.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "data/dataset/split_lists.h"

namespace unet {
namespace {

bool by_name(const SampleRef& a, const SampleRef& b) { return a.name < b.name; }

/// Splits as the layout does. If it has no validation part, the training samples are to be split by fraction.
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
  split.undivided = Fractions{options.val_fraction, 0};
  split.rule += "; validation ";
  return split;
}

Split split_samples(SampleList list, const DataOptions& options) {
  if (!list.parts.empty()) return split_by_layout(std::move(list), options);
  if (divides_by_lists(options)) return split_by_lists(std::move(list.samples), options);
  Split split;
  split.train = std::move(list.samples);
  split.undivided = Fractions{options.val_fraction, options.test_fraction};
  return split;
}

}  // namespace

const std::vector<SampleRef>& Split::part(Part part) const {
  return part == kTrain ? train : part == kVal ? val : test;
}

std::vector<SampleRef>& Split::part(Part part) {
  return const_cast<std::vector<SampleRef>&>(std::as_const(*this).part(part));
}

Split list_parts(const DataOptions& options, const std::vector<DatasetLayout>& layouts) {
  SampleList list = list_samples(options, layouts);
  const std::vector<Finding> problems = std::move(list.problems), notes = std::move(list.notes);
  const LabelMeaning meaning = std::move(list.meaning);
  const std::optional<FileNames> names = std::move(list.names);
  const std::vector<std::string> decisions = std::move(list.decisions);
  Split split = split_samples(std::move(list), options);
  if (split.undivided) std::sort(split.train.begin(), split.train.end(), by_name);
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

Split find_samples(const DataOptions& options, const std::vector<DatasetLayout>& layouts) {
  Split split = list_parts(options, layouts);
  if (!split.undivided) return split;
  std::vector<SampleRef> samples = std::move(split.train);
  const FractionSplit division = divide_by_fraction(samples, options, *split.undivided);
  split.train.clear();
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i].part = division.parts[i];
    split.part(division.parts[i]).push_back(std::move(samples[i]));
  }
  split.rule += division.rule;
  split.undivided.reset();
  return split;
}

std::vector<SampleRef> samples_of(const Split& split, const std::string& part) {
  std::vector<SampleRef> all = split.train;
  all.insert(all.end(), split.val.begin(), split.val.end());
  all.insert(all.end(), split.test.begin(), split.test.end());
  std::sort(all.begin(), all.end(), by_name);
  if (part == "all") return all;
  const auto* const found = std::find(kPartNames.begin(), kPartNames.end(), part);
  if (found == kPartNames.end())
    fail(ErrorKind::usage, "[--split] got '", part, "'", expected_one_of(part, {"train", "val", "test", "all"}));
  const std::vector<SampleRef>& samples = split.part(static_cast<Part>(found - kPartNames.begin()));
  return samples.empty() && !split.divided ? all : samples;
}

std::optional<std::string> keep_former_split(DataOptions& options, const Locations& locations,
                                             const std::string& section) {
  const auto has = [&](const char* option) { return locations.has(section + "." + option); };
  const char* const former[] = {"split", "val_fraction", "group_pattern", "val_stems", "train_list", "val_list"};
  if (has("split_by") || !std::all_of(std::begin(former), std::end(former), has)) return std::nullopt;
  options.split_by = SplitBy::name;
  const bool may_divide = options.split == SplitMode::automatic || options.split == SplitMode::fraction;
  if (!may_divide || options.val_fraction + options.test_fraction == 0) return std::nullopt;
  return concat(
      locations.text(section + ".split"), " without ", section,
      ".split_by: a split by fraction uses names alone, as before that option existed. To keep that: --set ", section,
      ".split_by=name. For exact shares, near duplicates kept together and rare classes in every part: ", "--set ",
      section, ".split_by=auto");
}

}  // namespace unet
