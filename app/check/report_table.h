#pragma once

#include <string>

#include "data/check/data_check.h"

namespace unet {

/// The report for people: what the set holds, what could be set, then notes, warnings and problems. Long lists
/// are cut. At most 100 columns wide but for words that are longer.
std::string to_table(const DataReport& report);

}  // namespace unet
