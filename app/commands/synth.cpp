#include <spdlog/spdlog.h>

#include "app/commands/commands.h"
#include "data/synthetic.h"

namespace unet {
namespace {

struct SynthArguments {
  SyntheticOptions options;
  std::string out;
};

int synth(const SynthArguments& arguments) {
  write_synthetic(arguments.options, arguments.out);
  spdlog::info("{} images of {}x{} with {} classes: {}", arguments.options.count, arguments.options.size,
               arguments.options.size, arguments.options.classes, arguments.out);
  return kExitDone;
}

}  // namespace

void add_synth_command(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<SynthArguments>();
  CLI::App* command = app.add_subcommand("synth", "Make a small data set to try things on");
  command->add_option("--out", arguments->out, "a new folder")->required();
  command->add_option("--count", arguments->options.count, "images in all")->check(CLI::Range(8, 100000));
  command->add_option("--size", arguments->options.size, "height and width, pixels")->check(CLI::Range(32, 4096));
  command->add_option("--classes", arguments->options.classes, "background included")->check(CLI::Range(2, 5));
  command->add_option("--seed", arguments->options.seed, "another seed, other images");
  command->footer(
      "Examples:\n"
      "  unet synth --out shapes\n"
      "  unet synth --out large-shapes --count 200 --size 256");
  command->callback([arguments, &chosen] { chosen = [arguments] { return synth(*arguments); }; });
}

}  // namespace unet
