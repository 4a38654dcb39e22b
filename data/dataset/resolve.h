#pragma once

#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/label_evidence.h"
#include "data/dataset/scan.h"

namespace unet {

/// Fills in every `auto` that label values determine: labels, ignored values, class names and colors. Keeps and checks
/// values that were given. Returns human-readable lines: the classes, then why they were recognized. Throws
/// Error(data), Error(config), also for a single class.
std::vector<std::string> resolve_classes(DataOptions& options, const LabelEvidence& evidence);

/// Fills in every `auto` that the images with these indices, all usable, determine: channels, size, mean and std. Keeps
/// and checks values that were given. Returns the results as human-readable lines. Throws Error(config).
std::vector<std::string> resolve_images(DataOptions& options, const DataScan& scan, const std::vector<size_t>& images);

/// Returns the side of square training crops in pixels: the largest multiple of 32 from 64 to 256 that fits into at
/// least half of the images with these indices, or 64.
int64_t crop_side(const DataScan& scan, const std::vector<size_t>& images);

}  // namespace unet
