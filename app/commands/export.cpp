#include "app/commands/export.h"

#include <spdlog/spdlog.h>

#include "app/checkpoint/checkpoint.h"
#include "app/export/exporter.h"
#include "app/inference/segmenter.h"

namespace unet {

ExitCode ExportCommand::run() const {
  const auto writer = export_formats().make(format);
  const auto trained = load_model(model, "cpu");
  const Network network = exported_network(*trained->network, padding);
  check_exportable(*network, *writer, out, overwrite);
  const Agreement agreement =
      export_model(network, export_metadata(trained->config, trained->temperature), *writer, out);
  spdlog::info(
      "{}: {} of {}; read back and run {} times: largest difference {:.1e} of the largest logit, {:.2f}% of the "
      "pixels have the same class",
      out, format, trained->checkpoint, agreement.runs, agreement.difference, 100 * agreement.same_class);
  spdlog::info("{}: {}", out, normalization_advice(trained->config.data));
  return ExitCode::done;
}

}  // namespace unet
