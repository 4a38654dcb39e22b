#pragma once

#include <cstdint>
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset/scan.h"

namespace unet {

/// Two masks whose palettes have different colors at an index that both use.
struct PaletteConflict {
  int64_t index = 0;
  size_t samples[2] = {0, 0};
  cv::Vec3b colors[2];
};

/// Label values of several masks, and the shapes that tell what they mean.
struct LabelEvidence {
  int64_t masks = 0;
  int64_t pixels = 0;
  ValueCounts counts;        ///< pixels by value; if there are colors, the numbers 0 to 255 count as gray colors
  bool is_measured = false;  ///< whether the shapes below were measured in at least one mask
  ValueCounts flat;          ///< see MaskShapes; pixels of masks that were not measured count as flat
  std::map<int64_t, BorderShape> borders;
  int64_t object_values = 0;             ///< number of values other than 0, added over the measured masks
  int64_t pieces = 0;                    ///< connected components of them
  std::map<int64_t, int64_t> sequences;  ///< masks by n, where the values other than 0 are 1..n
  int64_t lossy = 0;                     ///< masks whose compression changed values
  std::map<int64_t, cv::Vec3b> palette;  ///< colors of the indices used; empty if no mask has a palette
  int64_t palettes = 0;                  ///< masks with a palette
  std::optional<PaletteConflict> conflict;
  std::vector<size_t> colored;  ///< samples whose masks have colors
  std::vector<size_t> gray;     ///< if there are any: samples whose masks have gray values that are none of the colors

  bool has_colors() const { return !counts.empty() && is_color(counts.rbegin()->first); }
};

/// Adds up what the scan found in these samples.
LabelEvidence gather_labels(const DataScan& scan, const std::vector<size_t>& samples);

/// Returns the evidence without the values that a user ignores.
LabelEvidence without_values(LabelEvidence evidence, const std::vector<LabelKey>& ignored);

/// Returns the evidence of values alone, as of masks that were not measured.
LabelEvidence evidence_of(const ValueCounts& counts);

}  // namespace unet
