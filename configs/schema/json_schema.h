#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "configs/schema/options.h"

namespace unet {

/// The JSON Schema (draft 2020-12) of the YAML that `read_options` accepts.
nlohmann::json to_json_schema(const Options& options, const std::string& title);

}  // namespace unet
