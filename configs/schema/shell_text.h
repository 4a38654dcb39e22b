#pragma once

#include <string>
#include <vector>

namespace unet {

/// Quotes an argument for a shell where needed.
std::string shell_text(const std::string& argument);

/// Formats settings as " --set KEY=VALUE" each, quoted for a shell.
std::string settings_text(const std::vector<std::string>& settings);

}  // namespace unet
