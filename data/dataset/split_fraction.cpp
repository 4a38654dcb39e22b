#include "data/dataset/split_fraction.h"

#include <algorithm>
#include <cmath>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "configs/schema/writer.h"
#include "data/dataset/split_groups.h"
#include "data/dataset/value_spread.h"

namespace unet {
namespace {

size_t images_in(const std::vector<SplitGroup>& groups) {
  size_t images = 0;
  for (const SplitGroup& group : groups) images += group.images;
  return images;
}

/// Images that each part should have; at least one where it has a share.
PartSizes target_sizes(size_t images, const Fractions& fractions) {
  const auto target = [&](double fraction) {
    const auto rounded = static_cast<size_t>(std::lround(fraction * static_cast<double>(images)));
    return fraction > 0 ? std::max<size_t>(1, rounded) : 0;
  };
  PartSizes sizes{};
  sizes[kVal] = target(fractions.val);
  sizes[kTest] = target(fractions.test);
  sizes[kTrain] = images - std::min(images, sizes[kVal] + sizes[kTest]);
  return sizes;
}

double smallest_share(const Fractions& fractions) {
  if (fractions.val == 0 || fractions.test == 0) return std::max(fractions.val, fractions.test);
  return std::min(fractions.val, fractions.test);
}

/// Whether thresholds give the smallest part about its share. The size of a part is a sum over independent groups, so
/// its variance is p (1 - p) times the sum of their squared sizes.
bool is_large(const std::vector<SplitGroup>& groups, const Fractions& fractions) {
  constexpr double kMaxDeviation = 0.05;  // of the part's size
  const double share = smallest_share(fractions);
  double sum = 0, squares = 0;
  for (const SplitGroup& group : groups) {
    const auto images = static_cast<double>(group.images);
    sum += images;
    squares += images * images;
  }
  return share > 0 && std::sqrt(share * (1 - share) * squares) <= kMaxDeviation * share * sum;
}

std::vector<Part> parts_by_threshold(const std::vector<SplitGroup>& groups, const Fractions& fractions) {
  const auto groups_below = [&](double limit) {
    return static_cast<size_t>(
        std::count_if(groups.begin(), groups.end(), [&](const SplitGroup& group) { return group.position < limit; }));
  };
  const size_t test_end = groups_below(fractions.test);
  size_t val_end = groups_below(fractions.test + fractions.val);
  // In very small sets, neither training nor validation stays empty if the other can spare a group; a single group goes
  // to training.
  if (fractions.val > 0 && val_end == test_end && groups.size() - val_end > 1) ++val_end;
  if (val_end == groups.size() && val_end > test_end && (val_end - test_end > 1 || groups.size() == 1)) --val_end;
  std::vector<Part> parts(groups.size(), kTrain);
  for (size_t g = 0; g < val_end; ++g) parts[g] = g < test_end ? kTest : kVal;
  return parts;
}

/// Moves training groups into `part`, in the order of their positions, where that brings it nearer to `target` images;
/// at most `max_groups`, and one if that is not 0. Returns how many.
size_t fill_part(const std::vector<SplitGroup>& groups, Part part, size_t target, size_t max_groups,
                 std::vector<Part>& parts) {
  const auto distance = [&](size_t images) { return images > target ? images - target : target - images; };
  size_t images = 0, moved = 0;
  const SplitGroup* smallest = nullptr;
  for (size_t g = 0; g < groups.size() && moved < max_groups; ++g) {
    if (parts[g] != kTrain || groups[g].images == 0) continue;
    if (smallest == nullptr || groups[g].images < smallest->images) smallest = &groups[g];
    if (distance(images + groups[g].images) >= distance(images)) continue;
    parts[g] = part;
    images += groups[g].images;
    ++moved;
  }
  if (moved > 0 || max_groups == 0 || smallest == nullptr) return moved;
  parts[static_cast<size_t>(smallest - groups.data())] = part;
  return 1;
}

std::vector<Part> parts_by_rank(const std::vector<SplitGroup>& groups, const PartSizes& targets) {
  std::vector<Part> parts(groups.size(), kTrain);
  auto left = static_cast<size_t>(
      std::count_if(groups.begin(), groups.end(), [](const SplitGroup& group) { return group.images > 0; }));
  for (const Part part : {kTest, kVal}) {
    if (targets[part] == 0) continue;
    const size_t kept = part == kTest && targets[kVal] > 0 ? 2 : 1;  // for the parts that follow
    left -= fill_part(groups, part, targets[part], left - std::min(left, kept), parts);
  }
  return parts;
}

/// Joins near duplicates, unless that leaves nothing to divide.
std::vector<SplitGroup> join_groups(std::vector<SplitGroup> groups, const std::vector<SampleRef>& samples,
                                    const std::vector<NearPair>& pairs, const PartSizes& targets,
                                    std::vector<std::string>& decisions) {
  constexpr size_t kMinBound = 8, kMaxExamples = 3;
  if (pairs.empty()) return groups;
  const size_t smallest_part = targets[kVal] == 0 || targets[kTest] == 0 ? targets[kVal] + targets[kTest]
                                                                         : std::min(targets[kVal], targets[kTest]);
  const size_t bound = std::max(smallest_part, kMinBound);
  JoinedGroups result = join_near_duplicates(groups, pairs, bound);
  if (result.groups.size() < 2 && groups.size() > 1) {
    decisions.push_back("split: all images are near duplicates of each other, so they are divided by their names");
    return groups;
  }
  size_t copies = 0;
  std::vector<std::string> examples;
  for (const size_t g : result.joined) {
    copies += result.groups[g].images;
    examples.push_back(samples[result.groups[g].samples.front()].name);
  }
  if (!result.joined.empty())
    decisions.push_back(concat("split: ", copies, " images with near duplicates among them are kept together in ",
                               counted(result.joined.size(), "group"), " (", join_first(examples, kMaxExamples), ")"));
  if (result.is_bounded)
    decisions.push_back(concat("split: near duplicates that would make groups of more than ", bound,
                               " images are not kept together; unet check-data lists those in two parts"));
  return std::move(result.groups);
}

/// Exchanges groups between the parts for the sake of rare label values.
void spread_rare_values(const std::vector<SplitGroup>& groups, const std::vector<std::vector<int64_t>>& values,
                        const PartSizes& targets, std::vector<Part>& parts, std::vector<std::string>& decisions) {
  constexpr size_t kMaxShown = 12;
  if (values.empty()) return;
  const SpreadValues spread = spread_values(groups, values, targets, parts);
  const auto listed = [](const std::vector<int64_t>& numbers) {
    std::vector<std::string> texts;
    for (const int64_t number : numbers) texts.push_back(label_value_text(number));
    return join_first(texts, kMaxShown);
  };
  if (!spread.moved.empty())
    decisions.push_back(concat("split: images were exchanged between parts for the label values ", listed(spread.moved),
                               ", which a part lacked"));
  if (!spread.missing.empty())
    decisions.push_back(concat("split: too few validation images for the label values ", listed(spread.missing),
                               ", which only occur in other parts"));
}

std::string rule_text(const DataOptions& options, const Fractions& fractions, SplitBy method) {
  const char* const by_group = options.group_pattern.empty() ? "the name" : "the group";
  const std::string shares = concat("by fraction: ", number_text(fractions.val), " for validation, ",
                                    number_text(fractions.test), " for testing, ");
  if (method == SplitBy::rank) return concat(shares, "by rank of a hash of ", by_group, ", which holds the shares");
  if (method == SplitBy::threshold)
    return concat(shares, "by a hash of ", by_group, ", so that new images move no others");
  return concat(shares, "by a hash of ", by_group);
}

}  // namespace

FractionSplit divide_by_fraction(const std::vector<SampleRef>& samples, const DataOptions& options,
                                 const Fractions& fractions, const SampleContents& contents) {
  std::vector<SplitGroup> groups = groups_by_name(samples, options.group_pattern, contents.usable);
  FractionSplit split;
  split.method = options.split_by;
  std::vector<Part> parts;
  if (split.method == SplitBy::name || smallest_share(fractions) == 0) {
    parts = parts_by_threshold(groups, fractions);
  } else {
    PartSizes targets = target_sizes(images_in(groups), fractions);
    groups = join_groups(std::move(groups), samples, contents.near_duplicates, targets, split.decisions);
    if (split.method == SplitBy::automatic)
      split.method = is_large(groups, fractions) ? SplitBy::threshold : SplitBy::rank;
    const bool by_rank = split.method == SplitBy::rank;
    parts = by_rank ? parts_by_rank(groups, targets) : parts_by_threshold(groups, fractions);
    if (!by_rank) targets = part_sizes(groups, parts);
    spread_rare_values(groups, contents.values, targets, parts, split.decisions);
  }
  split.parts.resize(samples.size());
  for (size_t g = 0; g < groups.size(); ++g)
    for (const size_t i : groups[g].samples) split.parts[i] = parts[g];
  split.rule = rule_text(options, fractions, split.method);
  return split;
}

}  // namespace unet
