#pragma once

#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/label_evidence.h"

namespace unet {

/// Fills in every `auto` that label values determine: labels, ignored values, class names and colors. Keeps and checks
/// values that were given. Returns human-readable lines: the classes, then why they were recognized. Throws
/// Error(data), Error(config), also for a single class.
std::vector<std::string> resolve_classes(DataOptions& options, const LabelEvidence& evidence);

}  // namespace unet
