#pragma once

#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "app/export/format_names.h"
#include "app/runtime/exit_codes.h"

namespace unet {

struct ExportCommand {
  static constexpr const char* kName = "export";
  static constexpr const char* kMeaning = "Write a model for other programs";

  std::string model;
  std::string format;
  std::string out;
  bool padding = true;
  int64_t threads = 0;  ///< 0: not given
  bool overwrite = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void ExportCommand::define(CLI::App& app) {
  std::vector<std::string> names;
  std::string formats = "Formats:\n";
  for (const ExportFormatName& row : kExportFormats) {
    names.emplace_back(row.name);
    formats += "  " + names.back() + std::string(13 - names.back().size(), ' ') + row.meaning + "\n";
  }
  app.add_option("model", model, kModelMeaning)->required();
  app.add_option("--format", format, "one of the formats below")->required()->check(member_of(names));
  app.add_option("--out", out, "file to write")->required();
  app.add_flag("!--no-padding", padding,
               "omit the padding of images to a multiple of the downsampling factor: for images that need none, and "
               "for programs that cannot pad, such as OpenCV's dnn module");
  add_overwrite(app, overwrite, "replace an existing file");
  add_threads(app, threads);
  app.footer(formats +
             "Examples:\n"
             "  unet export runs/first --format onnx --out model.onnx\n"
             "  unet export runs/first/checkpoints/last.safetensors --format torchscript --out model.pt");
}

}  // namespace unet
