#pragma once

#include <map>
#include <string>
#include <vector>

#include "configs/schema/options.h"

namespace unet {

enum class Comments { none, meanings };

/// Writes the options as YAML that reads back to the same values. Comments::meanings adds the meaning of each option.
std::string to_yaml(const Options& options, Comments comments);

/// Maps every key path, e.g. "train.lr", to its value as YAML. The path of a choice maps to the name of the chosen row,
/// whose options follow below it.
std::map<std::string, std::string> option_values(const Options& options);

/// Lists the key paths of the options with the wanted traits, in the order of the fields.
std::vector<std::string> option_paths(const Options& options, bool (*is_wanted)(const Traits&));

}  // namespace unet
