#include "app/commands/convert.h"

#include <spdlog/spdlog.h>

#include <array>
#include <filesystem>

#include "app/commands/start_up.h"
#include "app/run/stop_request.h"
#include "app/runtime/progress_bar.h"
#include "app/runtime/threads.h"
#include "configs/schema/shell_text.h"
#include "configs/schema/text.h"
#include "data/convert/conversion.h"

namespace unet {
namespace {

/// Refuses options other than those of the data, which would have no effect.
void check_data_settings(const std::vector<std::string>& settings) {
  for (const std::string& setting : settings)
    if (setting.rfind("data.", 0) != 0)
      fail(ErrorKind::usage, "--set ", setting, ": convert takes the options data.*, e.g. --set data.images=photos");
}

/// One pass over all images, with a progress bar.
ScanOptions pass_with(ProgressBar& bar, int64_t threads) {
  ScanOptions pass;
  pass.threads = choose_threads(threads).count;
  pass.progress = [&bar](size_t done, size_t total) {
    bar.show(static_cast<double>(done) / static_cast<double>(total));
  };
  pass.stop = stop_signal_received;
  return pass;
}

Dataset open_source(const ConvertCommand& command, const DataOptions& options) {
  ProgressBar bar("reading the data");
  Dataset source = open_dataset(options, pass_with(bar, command.threads));
  refuse_problems(options.dir, source.problems);
  return source;
}

void log_source(const Dataset& source) {
  std::array<size_t, kPartCount> images{};
  for (const SampleRef& sample : source.samples) ++images[sample.part.value()];
  spdlog::info("data: {}: {} training, {} validation, {} test images ({})", source.options.dir, images[kTrain],
               images[kVal], images[kTest], source.rule);
  for (const std::string& decision : source.decisions) spdlog::info("data: {}", decision);
  for (const Finding& note : source.notes)
    if (note.sample) spdlog::warn("skipped: {}", note.text);
}

Conversion convert_source(const ConvertCommand& command, const Dataset& source, const DataOptions& given) {
  ProgressBar writing("writing"), checking("comparing");
  return convert_dataset(source, {command.format, command.out, given, pass_with(writing, command.threads),
                                  pass_with(checking, command.threads)});
}

}  // namespace

ExitCode ConvertCommand::run() const {
  catch_stop_signals();
  check_data_settings(settings);
  Config config;
  read_config(load_config("", settings), config);
  config.data.dir = dir;
  check_conversion_folder(dir, out, overwrite);
  const Dataset source = open_source(*this, config.data);
  log_source(source);
  const Conversion result = convert_source(*this, source, config.data);
  for (const std::string& remark : result.remarks) spdlog::info("converted: {}", remark);
  spdlog::info("wrote {} ({}): {}; verified: equal to the source", out, format, result.rule);
  spdlog::info("next:\n  unet train {}", shell_text((std::filesystem::path(out) / "config.yaml").string()));
  return ExitCode::done;
}

}  // namespace unet
