#include <spdlog/spdlog.h>

#include "app/checkpoint/checkpoint.h"
#include "app/commands/commands.h"
#include "app/export/exporter.h"
#include "app/inference/segmenter.h"

namespace unet {
namespace {}  // namespace

int run(const ExportArguments& arguments) {
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

}  // namespace unet
