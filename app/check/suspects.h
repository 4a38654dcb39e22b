#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/check/data_check.h"

namespace unet {

/// A pair, or a file without a partner, that findings are about.
struct Suspect {
  std::string file;            ///< path: of the pair's image
  std::optional<size_t> pair;  ///< index into CheckedData::pairs
  std::vector<std::string> reasons;
};

/// Each once, in the order of the findings: problems first, notes last. Twins stand side by side.
std::vector<Suspect> suspects_of(const DataReport& report);

/// Indices of at most `count` usable pairs that are not among the suspects, spread evenly over the set.
std::vector<size_t> ordinary_pairs(const DataReport& report, const std::vector<Suspect>& suspects, size_t count);

}  // namespace unet
