#pragma once

#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/finding.h"
#include "data/dataset/sample_ref.h"
#include "data/dataset/scan.h"

namespace unet {

/// Lists label values that the resolved map does not contain: one finding for each sample with such values and, before
/// them if there are several, one (of kind `labels`) that counts the values over all samples and holds the remedy.
std::vector<Finding> unknown_values(const DataOptions& options, const std::vector<SampleRef>& samples,
                                    const DataScan& scan);

}  // namespace unet
