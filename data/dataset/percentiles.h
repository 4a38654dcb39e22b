#pragma once

#include <vector>

#include "data/dataset/resolve_images.h"
#include "data/dataset/sample_ref.h"
#include "data/dataset/scan.h"

namespace unet {

/// Measures the 0.5 and 99.5 percentiles of each channel, and mean and deviation of the values clipped to them, after
/// conversion to `options.channels`. Reads at most 1024 of the images with these indices, evenly spread, and of each an
/// equal number of pixels at fixed places, so that memory is bounded and equal data give equal results. Throws
/// Error(data), Error(interrupted).
std::vector<ClippedIntensity> measure_clipped(const std::vector<SampleRef>& samples, const std::vector<size_t>& images,
                                              const DataOptions& options, const ScanOptions& scan);

}  // namespace unet
