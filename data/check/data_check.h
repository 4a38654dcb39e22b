#pragma once

#include <vector>

#include "data/check/class_counts.h"
#include "data/dataset/intensity.h"

namespace unet {

/// Everything that check-data reports about a data set. Its problems and notes are in `data`.
struct DataReport {
  Dataset data;
  std::vector<Finding> warnings;  ///< findings that do not prevent training; sorted by kind
  MaskCounts masks;
  std::vector<ChannelIntensity> intensity;  ///< of the training images; empty if there are none
  std::vector<double> class_weights;        ///< values of class_weights: auto; empty if the labels are unknown
  int64_t crop = 0;                         ///< suggested side of training crops, pixels; 0 without a training image
};

/// Checks an opened data set.
DataReport check_data(Dataset data);

}  // namespace unet
