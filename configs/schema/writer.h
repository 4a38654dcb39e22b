#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "configs/schema/options.h"

namespace unet {

enum class Comments { none, meanings };

/// The options with their present values as YAML that reads back to the same values; with comments that
/// say what each means.
std::string to_yaml(Options& options, Comments comments);

/// The JSON Schema (draft 2020-12) of the YAML that `read_options` accepts.
nlohmann::json to_json_schema(Options& options, const std::string& title);

/// Every key path, e.g. "train.lr", with its value as YAML. Rows of tables appear with the options of the row
/// chosen now, their name under the path itself.
std::map<std::string, std::string> option_values(Options& options);

/// "between 1 and 8", "above 0", or "" where nothing is limited.
std::string limits_text(const Limits& limits);

/// The shortest decimal text that reads back as the same number.
std::string number_text(double value);

}  // namespace unet
