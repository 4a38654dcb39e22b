#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/scan.h"

namespace unet {

/// What clipping to percentiles needs to know about one channel, which no scan has.
struct ClippedIntensity {
  double low = 0, high = 1;        ///< 0.5 and 99.5 percentile
  double mean = 0, deviation = 1;  ///< of the clipped values
};

/// Measures the channels of some images after conversion to `options.channels`.
using MeasureClipped = std::function<std::vector<ClippedIntensity>(const DataOptions& options)>;

/// Fills in every `auto` that the images with these indices, all usable, determine: channels, size, mean, std, min and
/// max. Keeps and checks values that were given. Returns the results as human-readable lines. `measure` is called for
/// data.normalize: percentile if a value is missing. Throws Error(config).
std::vector<std::string> resolve_images(DataOptions& options, const DataScan& scan, const std::vector<size_t>& images,
                                        const MeasureClipped& measure = {});

/// Returns the side of square training crops in pixels: the largest multiple of 32 from 64 to 256 that fits into at
/// least half of the images with these indices, or 64.
int64_t crop_side(const DataScan& scan, const std::vector<size_t>& images);

}  // namespace unet
