#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"
#include "app/scores/metric_names.h"

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
  std::vector<std::string> metrics;
  bool rescan = false;
  bool json = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void EvaluateCommand::define(CLI::App& app) {
  std::vector<std::string> names(std::begin(kMetricNames), std::end(kMetricNames));
  names.emplace_back(kAllMetrics);
  app.add_option("model", model, kModelMeaning)->required();
  app.add_option("--data", data, "folder of the data set")->required();
  app.add_option("--split", split,
                 "part of the data set: train, val, test or all (default: val, or all if the data are not those of the "
                 "training and have no parts of their own)")
      ->check(member_of({"train", "val", "test", "all"}));
  add_settings(app, settings, "data.images=photos");
  add_channels(app, channels);
  app.add_option("--metrics", metrics,
                 "metrics beside IoU, Dice, precision and recall, comma-separated: " + join(names) + " (default: none)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(member_of(names));
  add_rescan(app, rescan);
  add_device(app, device);
  add_threads(app, threads);
  add_json(app, json);
  app.footer(
      "Examples:\n"
      "  unet evaluate runs/first --data my-images\n"
      "  unet evaluate runs/first/checkpoints/last.safetensors --data my-images --split all --json\n"
      "  unet evaluate runs/first --data other-images --set data.masks=truth\n"
      "  unet evaluate runs/first --data my-images --metrics boundary_f1,instance_ap");
}

}  // namespace unet
