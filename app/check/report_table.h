#pragma once

#include <string>

#include "data/check/data_check.h"

namespace unet {

/// Returns the report as text: facts, suggested options, then notes, warnings and problems. Long lists are truncated.
/// Lines have at most 100 columns, except for longer words.
std::string to_table(const DataReport& report);

}  // namespace unet
