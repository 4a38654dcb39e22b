#pragma once

#include <string>
#include <vector>

#include "data/dataset/finding.h"
#include "data/dataset/data_options.h"
#include "data/dataset/sample.h"

namespace unet {

/// The pairs of a data set, each part in the order of its stems (byte order).
struct Split {
  std::vector<Pair> train, val, test;
  bool divided = false;           ///< by folders or lists, which name the parts; not by fraction
  std::string rule;               ///< how it came about, for people
  std::vector<Finding> problems;  ///< orphans, duplicate stems, unknown list entries, stems in two parts
  std::vector<Finding> notes;     ///< files that are left out: orphans where that is wanted, other endings

  /// "train", "val" or "test"; throws Error(usage) for other names.
  const std::vector<Pair>& part(const std::string& name) const;
  std::vector<Pair>& part(const std::string& name);
};

/// Finds images and masks below `options.dir` and divides them. Orphans are problems unless
/// `missing_mask: skip`. By fraction: a name's hash (of its group where `group_pattern` is given)
/// decides, so adding files never moves others; where no image falls into validation (or none into
/// training), the group with the nearest hash does, if there is more than one. Throws Error(missing_input) when a
/// folder is not there (saying what was looked for and what is there), Error(data) when there is no pair at all,
/// Error(config) for a bad pattern.
Split find_pairs(const DataOptions& options);

/// The same, but a data set without a pair is an empty split with its problems.
Split list_pairs(const DataOptions& options);

/// What is said of a data set without a pair.
inline constexpr const char* kNoPair = "got no image with a mask of the same stem, expected at least one";

/// The part for `evaluate`: "train", "val", "test" or "all". A data set that is divided by fraction and
/// lacks the part is taken whole; one that is divided by folders or lists gives an empty part.
/// Throws Error(usage) for other names.
std::vector<Pair> pairs_of(const Split& split, const std::string& part);

}  // namespace unet
