#pragma once

#include <string>
#include <vector>

namespace unet {

/// An argument as one would type it into a shell.
std::string shell_text(const std::string& argument);

/// " --set KEY=VALUE" for each setting.
std::string settings_text(const std::vector<std::string>& settings);

}  // namespace unet
