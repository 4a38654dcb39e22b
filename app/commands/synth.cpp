#include "app/commands/synth.h"

#include <spdlog/spdlog.h>

#include "configs/schema/text.h"
#include "data/synthetic/synthetic.h"

namespace unet {

ExitCode SynthCommand::run() const {
  write_synthetic(options, out);
  spdlog::info("wrote {} of {}x{} with {}: {}", counted(options.count, "image"), options.size, options.size,
               counted(options.classes, "class", "classes"), out);
  return ExitCode::done;
}

}  // namespace unet
