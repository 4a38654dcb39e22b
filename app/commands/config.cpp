#include "app/config/config.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "configs/schema/presets.h"
#include "configs/schema/json_schema.h"
#include "configs/schema/writer.h"

namespace unet {
namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

int run(const ConfigArguments& arguments) {
  Config config;
  if (arguments.defaults) print(to_yaml(config, Comments::meanings));
  if (arguments.schema) print(to_json_schema(config, "unet config").dump(2) + "\n");
  if (arguments.presets)
    for (const Preset& preset : presets())
      print(preset.name + std::string(preset.name.size() < 14 ? 14 - preset.name.size() : 1, ' ') + preset.meaning +
            "\n");
  if (!arguments.preset.empty()) {
    const Preset* preset = find_preset(arguments.preset);
    if (preset == nullptr)
      fail(ErrorKind::config, "[config] no preset '", arguments.preset, "'; ",
           expected_one_of(arguments.preset, preset_names()));
    print(preset->text);
  }
  return kExitDone;
}

}  // namespace unet
