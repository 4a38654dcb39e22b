#pragma once

#include <string>
#include <vector>

namespace unet {

/// A config that is part of the program, from `configs/NAME.yaml`.
struct Preset {
  std::string name;
  std::string meaning;  ///< the file's first comment line
  std::string text;
};

const std::vector<Preset>& presets();
std::vector<std::string> preset_names();

/// nullptr where there is none of this name.
const Preset* find_preset(const std::string& name);

}  // namespace unet
