#pragma once

#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "app/inference/output_kinds.h"
#include "app/runtime/exit_codes.h"

namespace unet {

struct PredictCommand {
  static constexpr const char* kName = "predict";
  static constexpr const char* kMeaning = "Predict masks for new images";

  std::string model;
  std::vector<std::string> inputs;
  std::string out;
  std::vector<std::string> save{"mask"};
  bool used_old_spelling = false;  ///< whether --save named kOldColorKind
  std::string device = "auto";
  int64_t threads = 0;  ///< 0: not given
  std::string channels;
  bool recursive = false;
  bool overwrite = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void PredictCommand::define(CLI::App& app) {
  std::vector<std::string> kinds;
  std::string list;
  for (const std::string_view kind : kOutputKinds) {
    kinds.emplace_back(kind);
    list += (list.empty() ? "" : ", ") + kinds.back();
  }
  const auto respell = [this](std::string& kind) {
    if (kind == kOldColorKind) {
      kind = kColorKind;
      used_old_spelling = true;
    }
    return std::string();
  };
  app.add_option("model", model, kModelMeaning)->required();
  app.add_option("inputs", inputs, "images, folders or quoted patterns")->required();
  app.add_option("--out", out, "output folder, with a subfolder for each kind of output")->required();
  app.add_option("--save", save, "outputs to write, comma-separated: " + list + " (default: mask)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->transform(CLI::Validator(respell, ""))
      ->check(member_of(kinds));
  add_channels(app, channels);
  app.add_flag("--recursive", recursive, "include images in subfolders");
  add_overwrite(app, overwrite);
  add_device(app, device);
  add_threads(app, threads);
  app.footer(
      "Examples:\n"
      "  unet predict runs/first new-images --out masks\n"
      "  unet predict runs/first 'scans/*.tif' --out masks --save mask,overlay,probabilities");
}

}  // namespace unet
