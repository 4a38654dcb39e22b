#pragma once

#include <string>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"
#include "data/synthetic/synthetic_options.h"

namespace unet {

struct SynthCommand {
  static constexpr const char* kName = "synth";
  static constexpr const char* kMeaning = "Make a small synthetic data set to experiment with";

  SyntheticOptions options;
  std::string out;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void SynthCommand::define(CLI::App& app) {
  app.add_option("--out", out, "new folder")->required();
  app.add_option("--count", options.count, "number of images in total")
      ->capture_default_str()
      ->check(CLI::Range(8, 100000));
  app.add_option("--size", options.size, "height and width in pixels")
      ->capture_default_str()
      ->check(CLI::Range(32, 4096));
  app.add_option("--classes", options.classes, "number of classes, background included")
      ->capture_default_str()
      ->check(CLI::Range(2, 5));
  app.add_option("--seed", options.seed, "random seed")->capture_default_str();
  app.footer(
      "Examples:\n"
      "  unet synth --out shapes\n"
      "  unet synth --out large-shapes --count 200 --size 256");
}

}  // namespace unet
