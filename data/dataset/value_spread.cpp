#include "data/dataset/value_spread.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

namespace unet {
namespace {

/// A label value, and the groups that have it, in the order of their positions.
struct GroupsOfValue {
  int64_t value;
  std::vector<size_t> groups;
  PartSizes in_part{};  ///< number of those groups
};

std::vector<GroupsOfValue> groups_of_values(const std::vector<SplitGroup>& groups,
                                            const std::vector<std::vector<int64_t>>& values,
                                            const std::vector<Part>& parts) {
  std::map<int64_t, GroupsOfValue> by_value;
  for (size_t g = 0; g < groups.size(); ++g) {
    std::set<int64_t> present;
    for (const size_t i : groups[g].samples) present.insert(values[i].begin(), values[i].end());
    for (const int64_t value : present) {
      GroupsOfValue& found = by_value[value];
      found.groups.push_back(g);
      ++found.in_part[parts[g]];
    }
  }
  std::vector<GroupsOfValue> table;
  for (auto& [value, found] : by_value) {
    found.value = value;
    table.push_back(std::move(found));
  }
  std::stable_sort(table.begin(), table.end(),
                   [](const GroupsOfValue& a, const GroupsOfValue& b) { return a.groups.size() < b.groups.size(); });
  return table;
}

class ValueSpread {
 public:
  ValueSpread(const std::vector<SplitGroup>& groups, const std::vector<std::vector<int64_t>>& values,
              const PartSizes& targets, std::vector<Part>& parts)
      : groups_(groups),
        targets_(targets),
        parts_(parts),
        images_(part_sizes(groups, parts)),
        table_(groups_of_values(groups, values, parts)),
        values_of_(groups.size()) {
    for (size_t v = 0; v < table_.size(); ++v)
      for (const size_t g : table_[v].groups) values_of_[g].push_back(v);
    for (const Part part : {kTrain, kVal, kTest})
      if (targets[part] > 0) order_.push_back(part);
  }

  SpreadValues run() {
    SpreadValues result;
    for (settled_ = 1; settled_ <= table_.size(); ++settled_) {
      const GroupsOfValue& row = table_[settled_ - 1];
      bool is_moved = false;
      for (const Part part : order_)
        if (needs(row, part) && row.in_part[part] == 0 && bring(row, part)) is_moved = true;
      if (is_moved) result.moved.push_back(row.value);
      if (needs(row, kVal) && row.in_part[kVal] == 0) result.missing.push_back(row.value);
    }
    return result;
  }

 private:
  /// Whether the value has so many groups that this part should have one.
  bool needs(const GroupsOfValue& row, Part part) const {
    const auto place = std::find(order_.begin(), order_.end(), part);
    return place != order_.end() && row.groups.size() > static_cast<size_t>(place - order_.begin());
  }

  /// Whether the part, without this group, keeps what it needs of the values looked at so far.
  bool can_leave(size_t group) const {
    const Part part = parts_[group];
    if (images_[part] <= groups_[group].images) return false;
    return std::none_of(values_of_[group].begin(), values_of_[group].end(), [&](size_t v) {
      return v < settled_ && needs(table_[v], part) && table_[v].in_part[part] <= 1;
    });
  }

  void move(size_t group, Part to) {
    const Part from = parts_[group];
    for (const size_t v : values_of_[group]) {
      --table_[v].in_part[from];
      ++table_[v].in_part[to];
    }
    images_[from] -= groups_[group].images;
    images_[to] += groups_[group].images;
    parts_[group] = to;
  }

  size_t excess(Part part) const {
    return images_[part] > targets_[part] ? images_[part] - targets_[part] : targets_[part] - images_[part];
  }

  /// The group to give back for `received`: of its part, nearest in size, then in position to the other parts.
  std::optional<size_t> exchange_for(size_t received) const {
    const Part part = parts_[received];
    const auto difference = [&](size_t group) {
      const size_t a = groups_[group].images, b = groups_[received].images;
      return a > b ? a - b : b - a;
    };
    std::optional<size_t> best;
    for (size_t g = 0; g < groups_.size(); ++g) {
      if (parts_[g] != part || g == received || groups_[g].images == 0 || !can_leave(g)) continue;
      const bool is_nearer = !best || difference(g) < difference(*best);
      if (is_nearer || (part != kTrain && difference(g) == difference(*best))) best = g;
    }
    // A group of another size may be worse than none.
    if (best && difference(*best) >= groups_[received].images) best.reset();
    return best;
  }

  /// Moves a group with the value into `to`, and another one back. Returns whether that was possible.
  bool bring(const GroupsOfValue& row, Part to) {
    for (const Part from : order_) {
      if (from == to) continue;
      std::vector<size_t> candidates;
      std::copy_if(row.groups.begin(), row.groups.end(), std::back_inserter(candidates),
                   [&](size_t g) { return parts_[g] == from && can_leave(g); });
      if (candidates.empty()) continue;
      const size_t group = to == kTrain ? candidates.back() : candidates.front();
      const size_t excess_before = std::max(excess(from), excess(to));
      move(group, to);
      const std::optional<size_t> returned = exchange_for(group);
      if (returned) move(*returned, from);
      if (std::max(excess(from), excess(to)) <= std::max(excess_before, groups_[group].images)) return true;
      if (returned) move(*returned, to);
      move(group, from);
    }
    return false;
  }

  const std::vector<SplitGroup>& groups_;
  const PartSizes& targets_;
  std::vector<Part>& parts_;
  PartSizes images_;
  std::vector<GroupsOfValue> table_;            ///< the rarest first
  std::vector<std::vector<size_t>> values_of_;  ///< rows of the table by group
  std::vector<Part> order_;                     ///< parts with a share, the most important first
  size_t settled_ = 0;                          ///< rows that were looked at
};

}  // namespace

PartSizes part_sizes(const std::vector<SplitGroup>& groups, const std::vector<Part>& parts) {
  PartSizes sizes{};
  for (size_t g = 0; g < groups.size(); ++g) sizes[parts[g]] += groups[g].images;
  return sizes;
}

SpreadValues spread_values(const std::vector<SplitGroup>& groups, const std::vector<std::vector<int64_t>>& values,
                           const PartSizes& targets, std::vector<Part>& parts) {
  return ValueSpread(groups, values, targets, parts).run();
}

}  // namespace unet
