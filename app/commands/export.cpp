#include <spdlog/spdlog.h>

#include "app/checkpoint/checkpoint.h"
#include "app/commands/commands.h"
#include "app/export/exporter.h"
#include "app/inference/segmenter.h"

namespace unet {
namespace {

struct ExportArguments {
  std::string model;
  std::string format;
  std::string out;
  bool padding = true;
  bool overwrite = false;
};

int export_command(const ExportArguments& arguments) {
  const auto format = export_formats().make(arguments.format);
  const auto model = load_model(arguments.model, "cpu");
  const Network network = exported_network(*model->network, arguments.padding);
  check_exportable(*network, *format, arguments.out, arguments.overwrite);
  const Agreement agreement = export_model(network, export_metadata(model->config), *format, arguments.out);
  spdlog::info(
      "{}: {} of {}; read back and run {} times: largest difference {:.1e} of the largest logit, {:.2f}% of the "
      "pixels have the same class",
      arguments.out, arguments.format, model->checkpoint, agreement.runs, agreement.difference,
      100 * agreement.same_class);
  return kExitDone;
}

std::string formats_text() {
  std::string text = "Formats:\n";
  for (const auto& row : export_formats().rows()) text += fmt::format("  {:<12} {}\n", row.name, row.meaning);
  return text;
}

}  // namespace

void add_export_command(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = app.add_subcommand("export", "Write a model for other programs");
  command->add_option("model", arguments->model, "a checkpoint, or a run's folder for its best one")->required();
  command->add_option("--format", arguments->format, "one of those below")
      ->required()
      ->check(CLI::IsMember(export_formats().names()));
  command->add_option("--out", arguments->out, "the file")->required();
  command->add_flag(
      "!--no-padding", arguments->padding,
      "for images whose height and width the factors of all levels divide, and for programs that cannot pad, such as "
      "OpenCV's dnn module");
  command->add_flag("--overwrite", arguments->overwrite, "replace the file if it is there");
  command->footer(formats_text() +
                  "Examples:\n"
                  "  unet export runs/first --format onnx --out model.onnx\n"
                  "  unet export runs/first/checkpoints/last.safetensors --format torchscript --out model.pt");
  command->callback([arguments, &chosen] { chosen = [arguments] { return export_command(*arguments); }; });
}

}  // namespace unet
