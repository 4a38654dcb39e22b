#pragma once

#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/scan.h"

namespace unet {

/// Fills in every `auto` that label values determine: labels, class names and colors. Keeps and checks values that were
/// given. Returns the result as one human-readable line. Throws Error(data), Error(config).
std::string resolve_classes(DataOptions& options, const std::vector<ValueCounts>& value_counts);

/// Fills in every `auto` that the images with these indices, all usable, determine: channels, size, mean and std. Keeps
/// and checks values that were given. Returns the results as human-readable lines. Throws Error(config).
std::vector<std::string> resolve_images(DataOptions& options, const DataScan& scan, const std::vector<size_t>& images);

/// Returns the side of square training crops in pixels: the largest multiple of 32 from 64 to 256 that fits into at
/// least half of the images with these indices, or 64.
int64_t crop_side(const DataScan& scan, const std::vector<size_t>& images);

}  // namespace unet
