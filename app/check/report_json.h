#pragma once

#include <nlohmann/json_fwd.hpp>

#include "data/check/data_check.h"

namespace unet {

/// The whole report as one document, lists uncut. Sizes are [width, height]; shares are in [0,1].
nlohmann::json to_json(const DataReport& report);

}  // namespace unet
