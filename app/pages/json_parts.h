#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/pages/html.h"

namespace unet {

/// Shows any JSON value: an object as a list of facts, a list of objects as a table with a column for each of their
/// keys, other lists in one line. Numbers whose key ends in "share" are percentages. Of long lists, the first 50
/// entries are shown and the rest is counted. `key` is the key that holds the value.
Html json_html(const std::string& key, const nlohmann::json& value);

/// Writes a key as a name: "class_share" becomes "class share".
std::string name_of_key(const std::string& key);

}  // namespace unet
