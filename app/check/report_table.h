#pragma once

#include <string>

#include "data/check/data_check.h"

namespace unet {

/// Returns the report for people: facts, suggested options, then notes, warnings and problems. Long lists are cut.
/// Lines have at most 100 columns, except for longer words.
std::string to_table(const DataReport& report);

}  // namespace unet
