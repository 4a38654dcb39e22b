#include "data/dataset/split_groups.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <regex>
#include <tuple>

#include "configs/schema/error.h"

namespace unet {
namespace {

std::regex compile(const std::string& pattern) {
  try {
    return std::regex(pattern);
  } catch (const std::regex_error& error) {
    fail(ErrorKind::config, "[data.group_pattern] got '", pattern, "', expected a regular expression: ", error.what(),
         ". Example: '^(patient\\d+)'");
  }
}

std::string group_of(const SampleRef& sample, const std::string& pattern_text, const std::regex& pattern) {
  if (!sample.group.empty()) return sample.group;
  std::smatch match;
  if (pattern_text.empty() || !std::regex_search(sample.name, match, pattern)) return sample.name;
  return match.size() > 1 && match[1].matched ? match[1].str() : match[0].str();
}

double position_of(const std::string& text) {
  return static_cast<double>(XXH3_64bits(text.data(), text.size()) >> 11) * 0x1.0p-53;
}

/// Sets of groups that are joined one by one, with their number of images.
class GroupSets {
 public:
  explicit GroupSets(const std::vector<SplitGroup>& groups) : parent_(groups.size()) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
    for (const SplitGroup& group : groups) images_.push_back(group.images);
  }

  /// The first group of the set.
  size_t first_of(size_t group) {
    while (parent_[group] != group) group = parent_[group] = parent_[parent_[group]];
    return group;
  }

  /// Returns whether both are in one set afterwards.
  bool join(size_t a, size_t b, size_t max_images) {
    a = first_of(a);
    b = first_of(b);
    if (a == b) return true;
    if (images_[a] + images_[b] > max_images) return false;
    const size_t first = std::min(a, b);
    images_[first] = images_[a] + images_[b];
    parent_[std::max(a, b)] = first;
    return true;
  }

 private:
  std::vector<size_t> parent_, images_;
};

}  // namespace

std::vector<SplitGroup> groups_by_name(const std::vector<SampleRef>& samples, const std::string& pattern,
                                       const std::vector<bool>& usable) {
  const std::regex compiled = compile(pattern);
  std::map<std::string, SplitGroup> by_name;
  for (size_t i = 0; i < samples.size(); ++i) {
    SplitGroup& group = by_name[group_of(samples[i], pattern, compiled)];
    group.samples.push_back(i);
    if (usable.empty() || usable[i]) ++group.images;
  }
  std::vector<SplitGroup> groups;
  for (auto& [name, group] : by_name) {
    group.position = position_of(name);
    group.name = name;
    groups.push_back(std::move(group));
  }
  std::sort(groups.begin(), groups.end(), [](const SplitGroup& a, const SplitGroup& b) {
    return std::tie(a.position, a.name) < std::tie(b.position, b.name);
  });
  return groups;
}

JoinedGroups join_near_duplicates(const std::vector<SplitGroup>& groups, const std::vector<NearPair>& pairs,
                                  size_t max_images) {
  std::map<size_t, size_t> group_of_sample;
  for (size_t g = 0; g < groups.size(); ++g)
    for (const size_t i : groups[g].samples) group_of_sample[i] = g;
  GroupSets sets(groups);
  JoinedGroups result;
  for (const NearPair& pair : pairs)
    if (!sets.join(group_of_sample.at(pair.first), group_of_sample.at(pair.second), max_images))
      result.is_bounded = true;
  std::map<size_t, size_t> index_of_set;
  std::vector<size_t> members;
  for (size_t g = 0; g < groups.size(); ++g) {
    const auto [place, is_first] = index_of_set.emplace(sets.first_of(g), result.groups.size());
    if (is_first) {
      result.groups.push_back(groups[g]);
      members.push_back(1);
      continue;
    }
    SplitGroup& set = result.groups[place->second];
    set.samples.insert(set.samples.end(), groups[g].samples.begin(), groups[g].samples.end());
    set.images += groups[g].images;
    ++members[place->second];
  }
  for (size_t g = 0; g < result.groups.size(); ++g) {
    std::sort(result.groups[g].samples.begin(), result.groups[g].samples.end());
    if (members[g] > 1) result.joined.push_back(g);
  }
  return result;
}

}  // namespace unet
