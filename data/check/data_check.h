#pragma once

#include <vector>

#include "data/check/class_counts.h"
#include "data/check/normalization_advice.h"
#include "data/check/object_facts.h"
#include "data/dataset/intensity.h"

namespace unet {

/// Everything that check-data reports about a data set. Its problems and notes are in `data`.
struct DataReport {
  Dataset data;
  std::vector<Finding> warnings;  ///< findings that do not prevent training; sorted by kind
  MaskCounts masks;
  ClassObjects objects;
  std::vector<ChannelIntensity> intensity;  ///< of the training images; empty if there are none
  std::vector<double> class_weights;        ///< values of class_weights: auto; empty if the labels are unknown
  int64_t crop = 0;                         ///< suggested side of training crops, pixels; 0 without a training image
  NormalizationAdvice normalization;        ///< without a reason if there is no training image
};

/// Checks an opened data set. `scan`: how masks are read again where that is needed, see `count_objects`. Throws
/// Error(interrupted).
DataReport check_data(Dataset data, const ScanOptions& scan = {});

}  // namespace unet
