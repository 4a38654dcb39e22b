#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/dataset/near_duplicates.h"
#include "data/dataset/sample_ref.h"

namespace unet {

/// Samples that stay in one part of a split by fraction.
struct SplitGroup {
  double position = 0;            ///< hash of the name, in [0,1), the same on every machine
  std::string name;               ///< given by the layout or the pattern, else that of the sample
  std::vector<size_t> samples{};  ///< indices, ascending
  size_t images = 0;              ///< samples that are usable
};

/// Returns the groups of the samples, in the order of their positions. The group is the layout's, else the first
/// capture group or the whole match of `pattern`, else the name. `usable` may be empty: all. Throws Error(config) for
/// a bad pattern.
std::vector<SplitGroup> groups_by_name(const std::vector<SampleRef>& samples, const std::string& pattern,
                                       const std::vector<bool>& usable);

/// Groups after those with near duplicates of each other were joined.
struct JoinedGroups {
  std::vector<SplitGroup> groups;  ///< in the order of their positions; the first position and name of those joined
  std::vector<size_t> joined;      ///< indices of the groups that were joined from several
  bool is_bounded = false;         ///< whether some near duplicates stayed apart
};

/// Joins groups that have near duplicates of each other, in the order of the pairs, unless that makes a group of more
/// than `max_images`: a long video becomes several groups of consecutive frames.
JoinedGroups join_near_duplicates(const std::vector<SplitGroup>& groups, const std::vector<NearPair>& pairs,
                                  size_t max_images);

}  // namespace unet
