#include "app/commands/config.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/config/config.h"
#include "configs/schema/json_schema.h"
#include "configs/schema/presets.h"
#include "configs/schema/writer.h"

namespace unet {
namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

ExitCode ConfigCommand::run() const {
  Config config;
  if (defaults) print(to_yaml(config, Comments::meanings));
  if (schema) print(to_json_schema(config, "unet config").dump(2) + "\n");
  if (presets)
    for (const Preset& row : unet::presets())
      print(row.name + std::string(row.name.size() < 14 ? 14 - row.name.size() : 1, ' ') + row.meaning + "\n");
  if (!preset.empty()) {
    const Preset* found = find_preset(preset);
    if (found == nullptr)
      fail(ErrorKind::config, "[config] no preset '", preset, "'", expected_one_of(preset, preset_names()));
    print(found->text);
  }
  return ExitCode::done;
}

}  // namespace unet
