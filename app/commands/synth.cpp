#include "app/commands/synth.h"

#include <spdlog/spdlog.h>

#include "data/synthetic/synthetic.h"

namespace unet {

ExitCode SynthCommand::run() const {
  write_synthetic(options, out);
  spdlog::info("wrote {} images of {}x{} with {} classes: {}", options.count, options.size, options.size,
               options.classes, out);
  return ExitCode::done;
}

}  // namespace unet
