#pragma once

#include <string>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"

namespace unet {

struct EvaluateCommand {
  static constexpr const char* kName = "evaluate";
  static constexpr const char* kMeaning = "Score a model against masks";

  std::string model;
  std::string data;
  std::string split = "val";
  std::string device = "auto";
  bool json = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void EvaluateCommand::define(CLI::App& app) {
  app.add_option("model", model, kModelMeaning)->required();
  app.add_option("--data", data, "folder of the data set")->required();
  app.add_option("--split", split, "part of the data set: train, val, test or all")
      ->capture_default_str()
      ->check(member_of({"train", "val", "test", "all"}));
  add_device(app, device);
  add_json(app, json);
  app.footer(
      "Examples:\n"
      "  unet evaluate runs/first --data my-images\n"
      "  unet evaluate runs/first/checkpoints/last.safetensors --data my-images --split all --json");
}

}  // namespace unet
