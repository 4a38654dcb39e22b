#pragma once

#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"

namespace unet {

struct PlanCommand {
  static constexpr const char* kName = "plan";
  static constexpr const char* kMeaning = "Choose every option from the data, the machine and the time";

  std::string dir;
  std::vector<std::string> settings;
  std::string time;
  std::string memory;
  std::string out;
  bool overwrite = false;
  bool json = false;
  std::string device = "auto";
  int64_t threads = 0;  ///< 0: not given
  bool rescan = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void PlanCommand::define(CLI::App& app) {
  app.add_option("dir", dir, "folder of the data set")->required();
  add_settings(app, settings, "data.ignore_values=[11]");
  app.add_option("--time", time, "time of the training, all included, e.g. 2h (default: 30m)");
  app.add_option("--memory", memory, "largest memory of the training, e.g. 8G (default: that of the machine)");
  app.add_option("--out", out, "config to write, with the reasons as comments (default: none is written)");
  add_overwrite(app, overwrite, "replace an existing config");
  add_json(app, json);
  add_device(app, device);
  add_threads(app, threads);
  add_rescan(app, rescan);
  app.footer(
      "Examples:\n"
      "  unet plan my-images --time 30m\n"
      "  unet plan my-images --time 2h --memory 8G --out mine.yaml");
}

}  // namespace unet
