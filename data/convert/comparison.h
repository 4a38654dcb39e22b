#pragma once

#include <vector>

#include "data/convert/output_format.h"

namespace unet {

/// Compares a converted data set, opened again, with its source: parts, pixels, label values, and the classes that
/// `expected` has. `folder` is where it was opened, `written` is in the order of the plan. Throws Error(internal) that
/// names what differs.
void compare_with_source(const ConversionPlan& plan, const std::vector<WrittenSample>& written,
                         const Dataset& converted, const std::string& folder, const DataOptions& expected);

}  // namespace unet
