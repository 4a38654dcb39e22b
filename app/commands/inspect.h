#pragma once

#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"

namespace unet {

struct InspectCommand {
  static constexpr const char* kName = "inspect";
  static constexpr const char* kMeaning = "Show a network's layers, costs and memory";

  std::string subject;
  std::vector<std::string> settings;
  std::string input_size;
  bool json = false;
  bool upsampling = false;
  std::string out;
  bool overwrite = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void InspectCommand::define(CLI::App& app) {
  app.add_option("network", subject, "YAML file, name of a preset, checkpoint, or run folder")->required();
  CLI::Option* size_option =
      app.add_option("--input-size", input_size, "HEIGHTxWIDTH of the image to predict (default: data.size)");
  add_settings(app, settings, "model.base_channels=16");
  add_json(app, json);
  CLI::Option* upsampling_flag =
      app.add_flag("--upsampling", upsampling,
                   "show how the decoder upsamples: kernel overlap and response to a constant input")
          ->excludes(size_option);
  app.add_option("--out", out, "PNG file for a picture of these responses (default: none is written)")
      ->needs(upsampling_flag);
  add_overwrite(app, overwrite, "replace an existing PNG");
  app.footer(
      "Examples:\n"
      "  unet inspect membrane --input-size 512x512\n"
      "  unet inspect runs/first --set train.batch_size=16\n"
      "  unet inspect runs/first --upsampling --out upsampling.png");
}

}  // namespace unet
