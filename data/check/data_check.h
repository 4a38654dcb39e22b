#pragma once

#include <functional>
#include <vector>

#include "data/check/class_counts.h"
#include "data/dataset/intensity.h"

namespace unet {

/// What there is to say of a data set.
struct DataReport {
  CheckedData data;
  std::vector<Finding> problems;  ///< training refuses these
  std::vector<Finding> warnings;  ///< training runs with these
  std::vector<Finding> notes;     ///< files left out because the options say so
  MaskCounts masks;
  std::vector<ChannelIntensity> intensity;  ///< of the training images; none where there are none
  std::vector<double> class_weights;        ///< what class_weights: auto would be; none where labels are not known
  int64_t crop = 0;                         ///< suggested side of training crops, pixels; 0 without a training image
};

/// Lists the pairs of the data set, has them read by `scan`, and judges what it found. A fault of one file, or
/// labels that cannot be inferred, take nothing from what is said of the rest. Throws Error(missing_input) where
/// folders are not there, Error(config) for a split that means nothing, and what `scan` throws.
DataReport check_data(const DataOptions& options, const std::function<DataScan(const std::vector<Pair>& pairs)>& scan);

}  // namespace unet
