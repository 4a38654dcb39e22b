#include "app/commands/config.h"

#include <nlohmann/json.hpp>

#include "app/config/config.h"
#include "app/runtime/standard_output.h"
#include "configs/schema/json_schema.h"
#include "configs/schema/presets.h"
#include "configs/schema/writer.h"

namespace unet {

ExitCode ConfigCommand::run() const {
  Config config;
  if (defaults) print_data(to_yaml(config, Comments::meanings));
  if (schema) print_data(to_json_schema(config, "unet config").dump(2) + "\n");
  if (presets)
    for (const Preset& row : unet::presets())
      print_data(row.name + std::string(row.name.size() < 14 ? 14 - row.name.size() : 1, ' ') + row.meaning + "\n");
  if (!preset.empty()) {
    const Preset* found = find_preset(preset);
    if (found == nullptr) fail(ErrorKind::config, "no preset '", preset, "'", expected_one_of(preset, preset_names()));
    print_data(found->text);
  }
  return ExitCode::done;
}

}  // namespace unet
