#pragma once

#include <string>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"

namespace unet {

struct ConfigCommand {
  static constexpr const char* kName = "config";
  static constexpr const char* kMeaning = "Print presets, options and their defaults";

  std::string preset;
  bool presets = false;
  bool defaults = false;
  bool schema = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void ConfigCommand::define(CLI::App& app) {
  auto* group = app.add_option_group("what to print");
  group->add_option("preset", preset, "text of this preset");
  group->add_flag("--presets", presets, "names of the presets, one a line");
  group->add_flag("--defaults", defaults, "all options with their defaults and meanings, as YAML");
  group->add_flag("--schema", schema, "JSON Schema, for editors");
  group->require_option(1);
  app.footer(
      "Examples:\n"
      "  unet config --defaults > my.yaml\n"
      "  unet config membrane");
}

}  // namespace unet
