#pragma once

#include <map>
#include <string>
#include <vector>

#include "configs/schema/options.h"

namespace unet {

enum class Comments { none, meanings };

/// The options with their present values as YAML that reads back to the same values; with comments that explain each.
std::string to_yaml(const Options& options, Comments comments);

/// Every key path, e.g. "train.lr", with its value as YAML. Rows of tables appear with the options of the row
/// chosen now, their name under the path itself.
std::map<std::string, std::string> option_values(const Options& options);

/// Key paths of the options with the wanted traits, in the order of the fields.
std::vector<std::string> option_paths(const Options& options, bool (*is_wanted)(const Traits&));

}  // namespace unet
