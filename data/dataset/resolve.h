#pragma once

#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/scan.h"

namespace unet {

/// Fills in every `auto` of `options` from the scan of the training pairs (labels from all scanned ones):
/// labels, channels, size, mean, std, class names and colours. Returns what was decided, a line each,
/// for people. Values that were given are kept and checked. Throws Error(data), Error(config).
std::vector<std::string> resolve_data(DataOptions& options, const DataScan& scan, const std::vector<bool>& is_train);

/// The part of it that masks decide: labels, class names and colours.
std::string resolve_classes(DataOptions& options, const DataScan& scan);

/// The part that the images with these indices, all usable, decide: channels, size, mean and std.
std::vector<std::string> resolve_images(DataOptions& options, const DataScan& scan, const std::vector<size_t>& images);

/// The side of training crops, pixels: fits into at least half of the images with these indices, and 32 divides it
/// for deep networks.
int64_t crop_side(const DataScan& scan, const std::vector<size_t>& images);

}  // namespace unet
