#pragma once

#include <string>
#include <vector>

#include "data/options.h"
#include "data/scan.h"

namespace unet {

/// Fills in every `auto` of `options` from the scan of the training pairs (labels from all scanned ones):
/// labels, channels, size, mean, std, class names and colours. Returns what was decided, a line each,
/// for people. Values that were given are kept and checked. Throws Error(data), Error(config).
std::vector<std::string> resolve_data(DataOptions& options, const DataScan& scan, const std::vector<bool>& is_train);

}  // namespace unet
