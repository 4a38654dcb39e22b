#pragma once

#include <array>
#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/pairing.h"
#include "data/dataset/scan.h"

namespace unet {

/// The parts of a split.
enum Part : size_t { kTrain, kVal, kTest, kPartCount };

/// As Split::part names them.
inline constexpr std::array<const char*, kPartCount> kPartNames{"train", "val", "test"};

/// A number for each part.
using PartCounts = std::array<int64_t, kPartCount>;

/// A data set that was read, as the checks look at it. Lists of the scan are by pair.
struct CheckedData {
  DataOptions options;      ///< every `auto` that the data could decide is filled in; labels empty where not known
  std::string rule;         ///< of the split, for people
  std::vector<Pair> pairs;  ///< of all parts, train first
  std::vector<Part> parts;  ///< by pair
  DataScan scan;
};

}  // namespace unet
