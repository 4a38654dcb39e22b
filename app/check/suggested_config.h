#pragma once

#include <string>

#include "data/check/data_check.h"

namespace unet {

/// Returns the options that suit the data as lines of a config file, with a comment why above each; "" without a
/// training image. Lines have at most kReportWidth columns.
std::string suggested_config(const DataReport& report);

/// Returns why class weights are, or are not, worth a try; "" if no class has training pixels.
std::string class_weights_reason(const DataReport& report);

}  // namespace unet
