#pragma once

#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"

namespace unet {

struct CheckDataCommand {
  static constexpr const char* kName = "check-data";
  static constexpr const char* kMeaning = "Check a data set and list every problem";

  std::string target;
  std::string data;
  std::vector<std::string> settings;
  std::string out;
  bool augment = false;
  std::string augment_image;
  bool overwrite = false;
  bool json = false;
  int64_t threads = 0;  ///< 0: not given
  bool rescan = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void CheckDataCommand::define(CLI::App& app) {
  app.add_option("target", target, "data set folder, YAML file, or name of a preset")->required();
  app.add_option("--data", data, kDataMeaning);
  add_settings(app, settings, "data.ignore_values=[11]");
  app.add_option("--out", out,
                 "new folder for report.html, contact sheets with suspicious images first, and report.json "
                 "(default: none is written)");
  CLI::Option* draw =
      app.add_flag("--augment", augment,
                   "write augmented.png to --out: an image, augmented 16 times as a training with this config does it");
  app.add_option("--augment-image", augment_image,
                 "name of that image without extension (default: the first training image with foreground)")
      ->needs(draw);
  add_overwrite(app, overwrite, "write into the folder even if it is not empty");
  add_json(app, json);
  add_threads(app, threads);
  add_rescan(app, rescan);
  app.footer(
      "Examples:\n"
      "  unet check-data my-images --out check\n"
      "  unet check-data membrane --data membrane --json\n"
      "  unet check-data my-images --out check --augment --set augment.preset=strong");
}

}  // namespace unet
