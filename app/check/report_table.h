#pragma once

#include <string>

#include "data/check/data_check.h"

namespace unet {

/// Returns the report as text, most important first: problems and warnings grouped by cause, facts, suggested options,
/// then what was decided and skipped. Lines have at most kReportWidth columns, except for longer words.
std::string to_table(const DataReport& report);

}  // namespace unet
