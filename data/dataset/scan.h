#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/dataset/finding.h"
#include "data/dataset/label_map.h"
#include "data/dataset/pairing.h"

namespace unet {

/// What one pass over a data set found; every list but the first is by pair, and is empty or zero for pairs
/// not usable.
struct DataScan {
  std::vector<Finding> problems;  ///< what makes pairs unusable, in the order of the pairs
  std::vector<bool> usable;
  std::vector<ValueCounts> value_counts;  ///< raw mask values
  std::vector<cv::Size> sizes;
  std::vector<int> channels;  ///< 1, 3 or 4
  std::vector<int> bits;      ///< of a channel: 8 or 16
  /// Equal for files that decode to equal pixels, of equal size and type.
  std::vector<uint64_t> image_hashes, mask_hashes;
  /// Of values scaled to [0,1]: of each channel, then of the image turned to grey.
  std::vector<std::vector<double>> sums, square_sums, lowest, highest;
};

/// Reads every pair once, on `threads` threads. Checked: that both files decode, and are of one size.
/// `progress` (may be empty) is called with the number of pairs done, from any thread, one call at a time.
/// `stop` (may be empty) is asked before each pair, from any thread. Throws Error(interrupted) where it said true.
DataScan scan_pairs(const std::vector<Pair>& pairs, int threads, const std::function<void(size_t)>& progress,
                    const std::function<bool()>& stop = {});

/// Mask values that the resolved map does not know, a line for each file: file, value, pixel count, hint.
std::vector<Finding> unknown_values(const DataOptions& options, const std::vector<Pair>& pairs, const DataScan& scan);

/// Pixels of each class over the pairs marked in `which`.
std::vector<int64_t> class_pixels(const DataOptions& options, const DataScan& scan, const std::vector<bool>& which);

}  // namespace unet
