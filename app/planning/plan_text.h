#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/planning/plan.h"

namespace unet {

/// The plan for the terminal: the facts, one line for each choice with its value and reason, and the forecast.
std::string to_table(const Plan& plan);

/// The same as one JSON document.
nlohmann::json to_json(const Plan& plan);

/// A config with the given options and the chosen ones, each below its reason. `command` made it.
std::string to_yaml(const Plan& plan, const Tree& given, const std::string& command);

/// A config's tree as YAML. `comment` (may be empty) returns what stands above an option, by key path.
std::string to_yaml(const Tree& tree, const std::function<std::string(const std::string& path)>& comment);

/// "about 3200 steps of 12800 images, 1.2 GiB, in 30m".
std::string forecast_text(const Forecast& forecast);

}  // namespace unet
