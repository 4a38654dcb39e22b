#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"

namespace unet {

struct EvaluateCommand {
  static constexpr const char* kName = "evaluate";
  static constexpr const char* kMeaning = "Score a model against masks";

  std::string model;
  std::string data;
  std::string split;  ///< "" if not given
  std::vector<std::string> settings;
  std::string device = "auto";
  int64_t threads = 0;  ///< 0: not given
  std::string channels;
  bool rescan = false;
  bool json = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void EvaluateCommand::define(CLI::App& app) {
  app.add_option("model", model, kModelMeaning)->required();
  app.add_option("--data", data, "folder of the data set")->required();
  app.add_option("--split", split,
                 "part of the data set: train, val, test or all (default: val, or all if the data are not those of the "
                 "training and have no parts of their own)")
      ->check(member_of({"train", "val", "test", "all"}));
  add_settings(app, settings, "data.images=photos");
  add_channels(app, channels);
  add_rescan(app, rescan);
  add_device(app, device);
  add_threads(app, threads);
  add_json(app, json);
  app.footer(
      "Examples:\n"
      "  unet evaluate runs/first --data my-images\n"
      "  unet evaluate runs/first/checkpoints/last.safetensors --data my-images --split all --json\n"
      "  unet evaluate runs/first --data other-images --set data.masks=truth");
}

}  // namespace unet
