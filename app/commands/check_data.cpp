#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/check/facts.h"
#include "app/check/report_json.h"
#include "app/check/report_pictures.h"
#include "app/check/report_table.h"
#include "app/commands/commands.h"
#include "app/config/config.h"
#include "app/run/stop_request.h"
#include "app/runtime/progress_bar.h"
#include "app/runtime/shell_text.h"
#include "app/training/training_data.h"
#include "configs/schema/presets.h"
#include "configs/schema/suggest.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Whether the target is the data set itself; a preset of the same name is meant where --data names the set.
bool is_data_folder(const CheckDataArguments& arguments) {
  const bool preset = find_preset(arguments.target) != nullptr;
  if (!fs::is_directory(arguments.target) || (preset && !arguments.data.empty())) return false;
  if (!arguments.data.empty())
    fail(ErrorKind::usage, "[check-data] got the folder '", arguments.target, "' and --data ", arguments.data,
         ", expected one data set. Leave one of them out.");
  return true;
}

Tree gather_config(const CheckDataArguments& arguments) {
  const bool folder = is_data_folder(arguments);
  if (!folder && !fs::exists(arguments.target) && find_preset(arguments.target) == nullptr)
    fail(ErrorKind::missing_input, "[check-data] '", arguments.target, "' is neither a folder, a file nor a preset; ",
         expected_one_of(arguments.target, preset_names()));
  Tree tree = load_config(folder ? "" : arguments.target);
  for (const std::string& setting : arguments.settings) set_value(tree, setting);
  return tree;
}

/// Makes the folder for pictures, so that what stands in the way is said before the data are read.
void prepare_out(const CheckDataArguments& arguments) {
  if (arguments.out.empty()) return;
  make_output_folder(arguments.out);
  if (!arguments.overwrite && !fs::is_empty(arguments.out))
    fail(ErrorKind::cannot_create, "[check-data] ", arguments.out,
         ": is there and not empty. Add --overwrite, or choose another --out.");
}

/// Adds what training would also refuse: options of the model or the loss that do not fit the data.
void check_options(Config& config, const Locations& locations, DataReport& report) {
  if (report.masks.classes.empty() || report.intensity.empty() || report.data.options.size.empty()) return;
  config.data = report.data.options;
  try {
    check_config(config, locations);
    LossContext context;
    context.num_classes =
        std::max<int64_t>(2, config.model.num_classes.value_or(static_cast<int64_t>(report.masks.classes.size())));
    for (size_t c = 0; c < report.masks.classes.size(); ++c)
      context.class_share.push_back(class_share(report.masks, c, kTrain));
    check_losses(config.loss, context);
  } catch (const Error& error) {
    report.data.problems.push_back({FindingKind::options, "", error.what(), ""});
  }
}

/// Sheets of an earlier check would stand beside those of this one.
void remove_old_sheets(const std::string& folder) {
  for (size_t sheet = 1;; ++sheet)
    if (!fs::remove(fs::path(folder) / fmt::format("contact-sheet-{}.png", sheet))) return;
}

void write_out(const DataReport& report, const std::string& document, const std::string& folder) {
  remove_old_sheets(folder);
  std::vector<std::string> paths;
  {
    ProgressBar bar("drawing");
    paths = write_contact_sheets(report, folder, [&](double done) {
      bar.show(done);
      if (stop_signal_received())
        fail(ErrorKind::interrupted, "[check-data] stopped before all sheets were drawn; the others are complete");
    });
  }
  const std::string file = (fs::path(folder) / "report.json").string();
  write_file(file, document);
  paths.push_back(file);
  spdlog::info("written:\n  {}", join(paths, "\n  "));
}

/// The same config and data for another command.
std::string next_command(const CheckDataArguments& arguments, const std::string& dir, bool usable) {
  const bool folder = is_data_folder(arguments);
  std::string text = usable ? "unet train" : "unet check-data";
  if (!folder || !usable) text += " " + shell_text(arguments.target);
  if (usable || !arguments.data.empty()) text += " --data " + shell_text(dir);
  return text + settings_text(arguments.settings);
}

/// What to type next; where classes are rare and nothing was said of the loss, also a training that weighs them.
std::string next_commands(const CheckDataArguments& arguments, const DataReport& report) {
  const bool usable = report.data.problems.empty();
  const std::string command = next_command(arguments, report.data.options.dir, usable);
  if (!usable) return "next, once they are repaired:\n  " + command;
  const bool weigh = is_data_folder(arguments) && arguments.settings.empty() && wants_class_weights(report.masks);
  constexpr const char* kWeighed = " --set 'loss.terms=[{name: cross_entropy, class_weights: auto}, {name: dice}]'";
  return "next:\n  " + command + (weigh ? "\n  " + command + kWeighed : "");
}

}  // namespace

int run(const CheckDataArguments& arguments) {
  catch_stop_signals();
  Config config;
  const Locations locations = read_config(gather_config(arguments), config);
  if (is_data_folder(arguments)) config.data.dir = arguments.target;
  if (!arguments.data.empty()) config.data.dir = arguments.data;
  if (config.data.dir.empty())
    fail(ErrorKind::config, locations.text("data.dir"),
         ": not given. Pass --data DIR, a folder with images/ and masks/.");
  prepare_out(arguments);

  DataReport report = check_data(open_dataset_with_progress(config.data, stop_signal_received));
  check_options(config, locations, report);
  const std::string document = to_json(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const std::string text = arguments.json ? document : to_table(report);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  if (!arguments.out.empty()) write_out(report, document, arguments.out);

  const size_t problems = report.data.problems.size();
  spdlog::info("{}", next_commands(arguments, report));
  if (problems > 0)
    fail(ErrorKind::data, "[check-data] ", config.data.dir, ": ", problems, problems == 1 ? " problem" : " problems",
         "; unet train would refuse this data set");
  return kExitDone;
}

}  // namespace unet
