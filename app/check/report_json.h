#pragma once

#include <nlohmann/json_fwd.hpp>

#include "data/check/data_check.h"

namespace unet {

/// Returns the report as one document with complete lists. Sizes are [width, height]; shares are in [0,1].
nlohmann::json to_json(const DataReport& report);

}  // namespace unet
