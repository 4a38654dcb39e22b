#include <spdlog/spdlog.h>

#include "app/commands/commands.h"
#include "data/synthetic/synthetic.h"

namespace unet {
namespace {}  // namespace

int run(const SynthArguments& arguments) {
  write_synthetic(arguments.options, arguments.out);
  spdlog::info("{} images of {}x{} with {} classes: {}", arguments.options.count, arguments.options.size,
               arguments.options.size, arguments.options.classes, arguments.out);
  return kExitDone;
}

}  // namespace unet
