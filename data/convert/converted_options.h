#pragma once

#include "data/convert/plan.h"

namespace unet {

/// Returns the options that a converted data set in the folder `dir` is opened with. Those that say where images and
/// masks are and what mask values mean are its own; all others are `given`.
DataOptions converted_options(const ConversionPlan& plan, const DataOptions& given, const std::string& dir);

/// Returns the text of a config with the options that differ from the defaults.
std::string converted_config(const DataOptions& options);

}  // namespace unet
