#include <spdlog/spdlog.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/checkpoint/checkpoint.h"
#include "app/commands/commands.h"
#include "app/inspection/inspection.h"
#include "app/inspection/upsampling_report.h"
#include "app/run/allocator.h"
#include "configs/schema/presets.h"
#include "data/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

struct InspectArguments {
  std::string subject;
  std::vector<std::string> settings;
  std::string input_size;
  bool json = false;
  bool upsampling = false;
  std::string out;
  bool overwrite = false;
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

/// What is to be inspected.
struct Subject {
  std::string name;
  Config config;
  Locations locations;
  TensorMap weights;  ///< of a checkpoint
};

void read_subject(const InspectArguments& arguments, Subject& subject) {
  Tree tree;
  subject.name = arguments.subject;
  if (is_checkpoint(arguments.subject)) {
    subject.name = checkpoint_file(arguments.subject);
    const Checkpoint checkpoint = load_checkpoint(subject.name);
    tree = parse_yaml(checkpoint.config, subject.name);
    subject.weights = checkpoint.weights_to_use();
  } else {
    tree = load_config(arguments.subject);
  }
  for (const std::string& setting : arguments.settings) set_value(tree, setting);
  subject.locations = read_config(tree, subject.config);
}

int inspect_upsampling_command(const InspectArguments& arguments, Subject& subject) {
  if (!arguments.out.empty() && fs::exists(arguments.out) && !arguments.overwrite)
    fail(ErrorKind::cannot_create, "[inspect] ", arguments.out,
         ": is there already. Add --overwrite, or choose another --out.");
  for (const std::string& assumption : assume(subject.config)) spdlog::info("assumed: {}", assumption);
  check_config(subject.config, subject.locations);
  const UpsamplingReport report = inspect_upsampling(subject.config, subject.name, subject.weights);
  if (arguments.json)
    std::printf("%s\n", to_json(report).dump(2).c_str());
  else
    std::fputs(to_table(report).c_str(), stdout);
  if (arguments.out.empty()) return kExitDone;
  write_image(arguments.out, to_picture(report));
  spdlog::info("patterns: {}", arguments.out);
  return kExitDone;
}

int inspect_command(const InspectArguments& arguments) {
  const int64_t program_bytes = resident_bytes();
  const std::vector<int64_t> size = parse_size(arguments.input_size);
  Subject subject;
  read_subject(arguments, subject);
  if (arguments.upsampling) return inspect_upsampling_command(arguments, subject);
  const Inspection inspection = inspect(subject.config, subject.name, size, program_bytes, subject.locations);
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
  CLI::Option* input_size = command->get_option("--input-size");
  CLI::Option* upsampling =
      command
          ->add_flag("--upsampling", arguments->upsampling,
                     "how the decoder enlarges: overlap of its kernels, response to a constant input")
          ->excludes(input_size);
  command->add_option("--out", arguments->out, "a PNG of these responses")->needs(upsampling);
  command->add_flag("--overwrite", arguments->overwrite, "replace the PNG if it is there");
  command->footer(
      "Examples:\n"
      "  unet inspect membrane --input-size 512x512\n"
      "  unet inspect runs/first --set train.batch_size=16\n"
      "  unet inspect runs/first --upsampling --out upsampling.png");
  command->callback([arguments, &chosen] { chosen = [arguments] { return inspect_command(*arguments); }; });
}

}  // namespace unet
