#include <spdlog/spdlog.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/checkpoint/checkpoint.h"
#include "app/commands/commands.h"
#include "app/inspection/inspection.h"
#include "app/inspection/upsampling_report.h"
#include "app/runtime/allocator.h"
#include "configs/schema/presets.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

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
  for (const std::string& assumption : fill_defaults(subject.config)) spdlog::info("assumed: {}", assumption);
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

}  // namespace

int run(const InspectArguments& arguments) {
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

}  // namespace unet
