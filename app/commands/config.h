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
  app.add_option("preset", preset, "name of a preset: print it (default: none)");
  app.add_flag("--presets", presets, "print the names of the presets, one per line");
  app.add_flag("--defaults", defaults, "print all options with their defaults and meanings, as YAML");
  app.add_flag("--schema", schema, "print the JSON Schema of a config, for editors");
  app.require_option(1);
  app.footer(
      "Examples:\n"
      "  unet config --defaults > my.yaml\n"
      "  unet config membrane");
}

}  // namespace unet
