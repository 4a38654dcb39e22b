#pragma once

#include <vector>

#include "data/check/class_counts.h"
#include "data/dataset/intensity.h"

namespace unet {

/// All that check-data reports of a data set; its problems and notes are in `data`.
struct DataReport {
  Dataset data;
  std::vector<Finding> warnings;  ///< training runs with these; sorted by kind
  MaskCounts masks;
  std::vector<ChannelIntensity> intensity;  ///< of the training images; empty where there are none
  std::vector<double> class_weights;        ///< values of class_weights: auto; empty where labels are unknown
  int64_t crop = 0;                         ///< suggested side of training crops, pixels; 0 without a training image
};

/// Judges a data set that was opened.
DataReport check_data(Dataset data);

}  // namespace unet
