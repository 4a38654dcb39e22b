#pragma once

#include <string>
#include <vector>

namespace unet {

/// A config embedded in the program, from `configs/NAME.yaml`.
struct Preset {
  std::string name;
  std::string meaning;  ///< first comment line of the file
  std::string text;
};

const std::vector<Preset>& presets();
std::vector<std::string> preset_names();

/// Finds a preset by name; nullptr if there is none.
const Preset* find_preset(const std::string& name);

}  // namespace unet
