#pragma once

#include <memory>
#include <mutex>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/samples/class_positions.h"

namespace unet {

/// Chooses which samples of an epoch must show a pixel of the foreground (`data.forced_foreground`), and that pixel.
/// The choice is a function of (seed, epoch, position); the pixels of an image are found at its first forced sample.
/// Any thread may call it. Source: Isensee et al. 2021, arXiv:1904.08128 (nnU-Net, a share of 1/3).
class ForcedForeground {
 public:
  /// Bytes that stored positions may take; those of further images are found anew each time.
  static constexpr size_t kMaxBytes = size_t{64} << 20;

  ForcedForeground(const DataOptions& data, uint64_t seed, size_t images);

  /// Whether the sample at this position is forced. Of any n positions in a row, share * n are, up to one.
  bool is_forced(int64_t epoch, int64_t position) const;

  /// Returns the pixel that the crop of a forced sample must contain. Nothing for other samples, and for an image
  /// without the classes. `image`: index of the image that `sample` is. Throws as reading the sample does.
  std::optional<cv::Point> pixel(size_t image, const SampleSource& sample, int64_t epoch, int64_t position) const;

 private:
  std::shared_ptr<const ClassPositions> positions(size_t image, const SampleSource& sample) const;

  double share_;
  std::vector<bool> classes_;
  uint64_t seed_;
  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<const ClassPositions>> positions_;  ///< by image; null: not found yet
  mutable size_t bytes_ = 0;
};

}  // namespace unet
