#include "app/commands/inspect.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/checkpoint/checkpoint.h"
#include "app/commands/start_up.h"
#include "app/inspection/inspection.h"
#include "app/inspection/upsampling_report.h"
#include "app/runtime/allocator.h"
#include "app/runtime/standard_output.h"
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
  constexpr int64_t kMaxSide = 1 << 20;
  if (!(stream >> height >> times >> width) || times != 'x' || !stream.eof() || height < 1 || width < 1 ||
      height > kMaxSide || width > kMaxSide)
    fail(ErrorKind::usage, "--input-size: got '", text, "', expected HEIGHTxWIDTH in pixels, e.g. 480x640");
  return {height, width};
}

bool is_checkpoint(const std::string& subject) {
  return find_preset(subject) == nullptr &&
         (fs::is_directory(subject) || fs::path(subject).extension() == ".safetensors");
}

/// The network to inspect.
struct Subject {
  std::string name;
  Config config;
  Locations locations;
  TensorMap weights;  ///< weights of the checkpoint; empty for a config
};

void read_subject(const InspectCommand& command, Subject& subject) {
  Tree tree;
  subject.name = command.subject;
  if (is_checkpoint(command.subject)) {
    subject.name = checkpoint_file(command.subject);
    const Checkpoint checkpoint = load_checkpoint(subject.name);
    tree = parse_yaml(checkpoint.config, subject.name);
    subject.weights = checkpoint.weights_to_use();
  } else {
    tree = load_config(command.subject);
  }
  for (const std::string& setting : command.settings) set_value(tree, setting);
  subject.locations = read_config(tree, subject.config);
}

template <class Report>
void print_report(const Report& report, bool as_json) {
  print_data(as_json ? to_json(report).dump(2) + "\n" : to_table(report));
}

void report_upsampling(const InspectCommand& command, Subject& subject) {
  const std::string& out = command.out;
  if (!out.empty() && fs::exists(out) && !command.overwrite)
    fail(ErrorKind::cannot_create, out, " already exists. Add --overwrite to replace it, or choose another --out.");
  for (const std::string& assumption : fill_defaults(subject.config)) spdlog::info("assumed: {}", assumption);
  check_config(subject.config, subject.locations);
  const UpsamplingReport report = inspect_upsampling(subject.config, subject.name, subject.weights);
  print_report(report, command.json);
  if (out.empty()) return;
  write_image(out, to_picture(report));
  spdlog::info("wrote: {}", out);
}

}  // namespace

ExitCode InspectCommand::run() const {
  const int64_t program_bytes = resident_bytes();
  const std::vector<int64_t> size = parse_size(input_size);
  Subject network;
  read_subject(*this, network);
  if (upsampling)
    report_upsampling(*this, network);
  else
    print_report(inspect(network.config, network.name, size, program_bytes, network.locations), json);
  return ExitCode::done;
}

}  // namespace unet
