#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "data/dataset/label_evidence.h"

namespace unet {

/// Values around which all others lie, as lossy compression leaves them.
struct LabelPeaks {
  std::vector<int64_t> values;  ///< 2 to 32, ascending
  double distance = 0;          ///< within which nearly all pixels lie
  int64_t pixels = 0;           ///< that lie within it
  double farthest = 0;          ///< of any value from its peak, rounded up
};

/// Finds 2 to 32 peaks, within a distance of which 99% of the pixels lie. A peak has areas of a single value, and is
/// farther from every other than twice the distance.
std::optional<LabelPeaks> find_peaks(const LabelEvidence& evidence);

/// Two values whose edges are blurred: the remaining values lie between them and form no areas.
struct SoftEdges {
  int64_t low = 0, high = 0;  ///< the two values
  int64_t pixels = 0;         ///< that have one of them, or nearly so
  size_t between = 0;         ///< number of remaining values

  int64_t threshold() const { return low + (high - low) / 2 + 1; }
};

std::optional<SoftEdges> find_soft_edges(const LabelEvidence& evidence);

/// Values that form areas, most pixels first; at most `limit`.
std::vector<int64_t> values_with_areas(const LabelEvidence& evidence, size_t limit);

}  // namespace unet
