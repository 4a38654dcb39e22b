#include "app/config.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "configs/schema/presets.h"
#include "configs/schema/writer.h"

namespace unet {
namespace {

struct ConfigArguments {
  std::string preset;
  bool presets = false;
  bool defaults = false;
  bool schema = false;
};

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int config_command(const ConfigArguments& arguments) {
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

}  // namespace

void add_config_command(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<ConfigArguments>();
  CLI::App* command = app.add_subcommand("config", "Print what can be configured");
  auto* what = command->add_option_group("what to print");
  what->add_option("preset", arguments->preset, "the text of this preset");
  what->add_flag("--presets", arguments->presets, "the presets, one a line");
  what->add_flag("--defaults", arguments->defaults, "every option with its default and meaning, as YAML");
  what->add_flag("--schema", arguments->schema, "the JSON Schema, for editors");
  what->require_option(1);
  command->footer(
      "Examples:\n"
      "  unet config --defaults > my.yaml\n"
      "  unet config membrane");
  command->callback([arguments, &chosen] { chosen = [arguments] { return config_command(*arguments); }; });
}

}  // namespace unet
