#pragma once

#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/sample.h"

namespace unet {

/// What `data.normalize` does with each channel, of values scaled to [0,1] (32 bits: as they are): clipped to
/// [low, high] if these are given, then (value - mean) / std. Under per_image, mean and std are those of each image.
struct Normalization {
  bool per_image = false;
  std::vector<double> mean, std;
  std::vector<double> low, high;     ///< empty: values are not clipped
  std::vector<double> smallest_std;  ///< per_image: lower limit of the image's own std, so that flat images stay flat
};

/// Returns the normalization of resolved options. Throws Error(config) if the options that it needs are missing or do
/// not fit the channels.
Normalization normalization_of(const DataOptions& options);

}  // namespace unet
