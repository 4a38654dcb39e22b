#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/checkpoint/checkpoint.h"
#include "app/commands/commands.h"
#include "app/inspection/inspection.h"
#include "app/run/allocator.h"
#include "configs/schema/presets.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

struct InspectArguments {
  std::string subject;
  std::vector<std::string> settings;
  std::string input_size;
  bool json = false;
};

/// "480x640" -> {480, 640}.
std::vector<int64_t> parse_size(const std::string& text) {
  if (text.empty()) return {};
  std::istringstream stream(text);
  int64_t height = 0, width = 0;
  char times = 0;
  constexpr int64_t kMost = 1 << 20;
  if (!(stream >> height >> times >> width) || times != 'x' || !stream.eof() || height < 1 || width < 1 ||
      height > kMost || width > kMost)
    fail(ErrorKind::usage, "--input-size: got '", text, "', expected HEIGHTxWIDTH in pixels, e.g. 480x640");
  return {height, width};
}

bool is_checkpoint(const std::string& subject) {
  return find_preset(subject) == nullptr &&
         (fs::is_directory(subject) || fs::path(subject).extension() == ".safetensors");
}

int inspect_command(const InspectArguments& arguments) {
  const int64_t program_bytes = resident_bytes();
  const std::vector<int64_t> size = parse_size(arguments.input_size);
  Tree tree;
  std::string subject = arguments.subject;
  if (is_checkpoint(subject)) {
    subject = checkpoint_file(subject);
    tree = parse_yaml(load_checkpoint(subject).config, subject);
  } else {
    tree = load_config(subject);
  }
  for (const std::string& setting : arguments.settings) set_value(tree, setting);
  Config config;
  const Locations locations = read_config(tree, config);
  const Inspection inspection = inspect(config, subject, size, program_bytes, locations);
  if (arguments.json)
    std::printf("%s\n", to_json(inspection).dump(2).c_str());
  else
    std::fputs(to_table(inspection).c_str(), stdout);
  return kExitDone;
}

}  // namespace

void add_inspect_command(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App* command = app.add_subcommand("inspect", "Show a network's layers, costs and memory");
  command
      ->add_option("network", arguments->subject, "a config or the name of a preset; or a checkpoint or a run's folder")
      ->required();
  command->add_option("--input-size", arguments->input_size,
                      "HEIGHTxWIDTH of the image to predict (default: data.size)");
  command->add_option("--set", arguments->settings, "KEY=VALUE, e.g. model.base_channels=16; may be repeated")
      ->allow_extra_args(false);
  command->add_flag("--json", arguments->json, "one JSON document on stdout");
  command->footer(
      "Examples:\n"
      "  unet inspect membrane --input-size 512x512\n"
      "  unet inspect runs/first --set train.batch_size=16");
  command->callback([arguments, &chosen] { chosen = [arguments] { return inspect_command(*arguments); }; });
}

}  // namespace unet
