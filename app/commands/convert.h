#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"
#include "data/convert/output_format_names.h"

namespace unet {

struct ConvertCommand {
  static constexpr const char* kName = "convert";
  static constexpr const char* kMeaning = "Write a data set in another layout";

  std::string dir;
  std::string out;
  std::string format = kFoldersFormat.name;
  std::vector<std::string> settings;
  int64_t threads = 0;  ///< 0: not given
  bool overwrite = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void ConvertCommand::define(CLI::App& app) {
  std::vector<std::string> names;
  std::string formats = "Formats:\n";
  for (const OutputFormatName& row : kOutputFormats) {
    names.emplace_back(row.name);
    formats += "  " + names.back() + std::string(9 - names.back().size(), ' ') + row.meaning + "\n";
  }
  app.add_option("dir", dir, "data set folder, in any layout that train reads")->required();
  app.add_option("--out", out, "new folder")->required();
  app.add_option("--format", format, "one of the formats below")->capture_default_str()->check(member_of(names));
  add_settings(app, settings, "data.images=photos");
  add_threads(app, threads);
  add_overwrite(app, overwrite, "replace a folder that unet convert wrote");
  app.footer(formats +
             "Examples:\n"
             "  unet convert labelme-export --out plain\n"
             "  unet convert my-images --out Dataset001_Cells --format nnunet");
}

}  // namespace unet
