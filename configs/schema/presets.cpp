#include "configs/schema/presets.h"

#include "embedded_presets.h"

namespace unet {

const std::vector<Preset>& presets() {
  static const std::vector<Preset> table = [] {
    std::vector<Preset> read;
    for (const auto& [name, text] : kEmbeddedPresets) {
      const std::string body = text;
      read.push_back({name, body.substr(2, body.find('\n') - 2), body});
    }
    return read;
  }();
  return table;
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : presets()) names.push_back(preset.name);
  return names;
}

const Preset* find_preset(const std::string& name) {
  for (const Preset& preset : presets())
    if (preset.name == name) return &preset;
  return nullptr;
}

}  // namespace unet
