#pragma once

#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"

namespace unet {

struct ImportCommand {
  static constexpr const char* kName = "import";
  static constexpr const char* kMeaning = "Make a checkpoint from PyTorch weights";

  std::string file;
  std::string out;
  std::vector<double> mean, std;
  std::vector<std::string> settings;
  bool overwrite = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void ImportCommand::define(CLI::App& app) {
  app.add_option("file", file, "state_dict written by torch.save, or a safetensors file")->required();
  app.add_option("--out", out, "checkpoint to write, a .safetensors file")->required();
  app.add_option("--mean", mean, "mean of each channel, for values scaled to [0,1] (default: 0)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--std", std, "standard deviation of each channel (default: 1)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option(
         "--set", settings,
         "set an option that the weights do not determine, e.g. model.activation=silu; may be repeated (default: none)")
      ->allow_extra_args(false);
  add_overwrite(app, overwrite, "replace an existing file");
  app.footer(
      "Tensors are named as in scripts/reference/unet.py or Pytorch-UNet;\n"
      "depth, widths, channels and classes are inferred from their shapes.\n"
      "Examples:\n"
      "  unet import model.pth --out model.safetensors --mean 0.5,0.5,0.5 --std 0.25,0.25,0.25\n"
      "  unet import weights.safetensors --out model.safetensors --set model.norm=group --set model.activation=silu");
}

}  // namespace unet
