#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/check/data_check.h"

namespace unet {

/// A sample with findings, or a file with findings that belongs to no sample.
struct Suspect {
  std::string file;              ///< path; for a sample, that of its image
  std::optional<size_t> sample;  ///< index into Dataset::samples
  std::vector<std::string> reasons;
};

/// Lists each suspect once, in the order of the findings: problems first, notes last. Duplicate images are neighbors.
std::vector<Suspect> suspects_of(const DataReport& report);

/// Returns the indices of at most `count` usable samples that are not among the suspects: as many of each part, where
/// it has them, spread evenly over the part.
std::vector<size_t> ordinary_samples(const DataReport& report, const std::vector<Suspect>& suspects, size_t count);

}  // namespace unet
