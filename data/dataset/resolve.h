#pragma once

#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/scan.h"

namespace unet {

/// Fills in every `auto` that label values decide: labels, class names and colors. Values that were given are kept and
/// checked. Returns the decision as one line for people. Throws Error(data), Error(config).
std::string resolve_classes(DataOptions& options, const std::vector<ValueCounts>& value_counts);

/// Fills in every `auto` that the images with these indices, all usable, decide: channels, size, mean and std. Values
/// that were given are kept and checked. Returns the decisions, one line each. Throws Error(config).
std::vector<std::string> resolve_images(DataOptions& options, const DataScan& scan, const std::vector<size_t>& images);

/// Returns the side of training crops, pixels: it fits into at least half of the images with these indices, and is a
/// multiple of 32 for deep networks.
int64_t crop_side(const DataScan& scan, const std::vector<size_t>& images);

}  // namespace unet
