#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "data/samples/rng.h"
#include "data/samples/sample_source.h"

namespace unet {

/// Positions of up to `kMaxKept` pixels of each class of a mask, so that a pixel of a class can be drawn without
/// reading the mask again. Depends on the pixels and the seed only.
class ClassPositions {
 public:
  static constexpr size_t kMaxKept = 256;

  /// Reads the mask in bands of rows. `classes`: whether each of the 256 values of a mask counts. Of a class with more
  /// pixels, a uniform choice is kept. Throws as reading the sample does.
  ClassPositions(const SampleSource& sample, const std::vector<bool>& classes, uint64_t seed);

  /// Draws a class uniformly from those present, then one of its positions; nothing if no class is present.
  std::optional<cv::Point> draw(Rng& rng) const;

  size_t bytes() const;

 private:
  std::vector<std::vector<cv::Point>> positions_;  ///< of the classes present
};

}  // namespace unet
