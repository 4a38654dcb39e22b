#include "app/commands/check_data.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/check/augmented_sheet.h"
#include "app/check/facts.h"
#include "app/check/report_json.h"
#include "app/check/report_page.h"
#include "app/check/report_pictures.h"
#include "app/check/report_table.h"
#include "app/commands/start_up.h"
#include "app/config/config.h"
#include "app/run/stop_request.h"
#include "app/runtime/progress_bar.h"
#include "app/runtime/standard_output.h"
#include "app/runtime/threads.h"
#include "app/training/training_data.h"
#include "configs/schema/presets.h"
#include "configs/schema/shell_text.h"
#include "configs/schema/suggest.h"
#include "data/files/atomic_file.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Whether the target is the data set itself. With --data, a target that is both a folder and the name of a preset is
/// the preset.
bool is_data_folder(const CheckDataCommand& command) {
  const bool preset = find_preset(command.target) != nullptr;
  if (!fs::is_directory(command.target) || (preset && !command.data.empty())) return false;
  if (!command.data.empty())
    fail(ErrorKind::usage, "got the folder '", command.target, "' and --data ", command.data,
         ", expected one data set. Omit one of them.");
  return true;
}

Tree load_target_config(const CheckDataCommand& command) {
  const bool folder = is_data_folder(command);
  if (!folder && !fs::exists(command.target) && find_preset(command.target) == nullptr)
    fail(ErrorKind::missing_input, "'", command.target, "' is neither a folder, a file nor a preset",
         expected_one_of(command.target, preset_names()));
  return load_config(folder ? "" : command.target, command.settings);
}

/// Refuses a bad --out before the data are read.
void check_picture_folder(const CheckDataCommand& command) {
  if (command.augment && command.out.empty())
    fail(ErrorKind::usage, "--augment: no folder for augmented.png. Add --out DIR");
  if (command.out.empty()) return;
  check_output_folder(command.out);
  if (!command.overwrite && fs::exists(command.out) && !fs::is_empty(command.out))
    fail(ErrorKind::cannot_create, command.out,
         ": already exists and is not empty. Add --overwrite to write into it, or choose another --out.");
}

/// Opens and checks the data set as a training with this config would, with the same problems.
DataReport check_with_progress(Config& config, const Locations& locations, StoredScans stored) {
  Dataset dataset = open_dataset_with_progress(config.data, stop_signal_received, stored, /*objects=*/true);
  dataset.problems = accept_dataset(config, locations, dataset);
  ProgressBar bar("measuring objects");
  ScanOptions scan;
  scan.threads = usable_processors();
  scan.progress = [&](size_t done, size_t total) { bar.show(static_cast<double>(done) / static_cast<double>(total)); };
  scan.stop = stop_signal_received;
  return check_data(std::move(dataset), scan);
}

/// Removes the sheets of an earlier check, since it may have written more of them than this one will.
void remove_old_sheets(const std::string& folder) {
  fs::remove(fs::path(folder) / kAugmentedSheet);
  for (size_t sheet = 1;; ++sheet)
    if (!fs::remove(fs::path(folder) / fmt::format("contact-sheet-{}.png", sheet))) return;
}

/// The command to type next, with the same config and data.
std::string next_command(const CheckDataCommand& command, const std::string& dir, bool usable) {
  const bool folder = is_data_folder(command);
  std::string text = usable ? "unet train" : "unet check-data";
  if (!folder || !usable) text += " " + shell_text(command.target);
  if (usable || !command.data.empty()) text += " --data " + shell_text(dir);
  return text + settings_text(command.settings);
}

/// Commands to type next; with class weights too if some classes are rare and no option was set.
std::vector<std::string> next_commands(const CheckDataCommand& command, const DataReport& report) {
  const bool usable = report.data.problems.empty();
  std::vector<std::string> commands{next_command(command, report.data.options.dir, usable)};
  const bool suggest_weights = is_data_folder(command) && command.settings.empty() && wants_class_weights(report.masks);
  constexpr const char* kClassWeights =
      " --set 'loss.terms=[{name: cross_entropy, class_weights: auto}, {name: dice}]'";
  if (usable && suggest_weights) commands.push_back(commands[0] + kClassWeights);
  return commands;
}

/// Writes the contact sheets, the page and the JSON document. Returns what was drawn.
ReportPictures write_report_files(const DataReport& report, const nlohmann::json& facts, const std::string& document,
                                  const std::vector<std::string>& next, const std::string& folder) {
  make_output_folder(folder);
  remove_old_sheets(folder);
  ReportPictures pictures;
  {
    ProgressBar bar("drawing");
    pictures = draw_report_pictures(report, folder, [&](double done) {
      bar.show(done);
      if (stop_signal_received())
        fail(ErrorKind::interrupted, "stopped before all contact sheets were drawn; those written are complete");
    });
  }
  std::vector<std::string> paths{(fs::path(folder) / "report.html").string()};
  write_file(paths.back(), to_page(report, facts, pictures, next));
  paths.insert(paths.end(), pictures.sheets.begin(), pictures.sheets.end());
  paths.push_back((fs::path(folder) / "report.json").string());
  write_file(paths.back(), document);
  spdlog::info("wrote:\n  {}", join(paths, "\n  "));
  return pictures;
}

/// Draws one image as it is augmented. `config` is that of a data set without problems.
void write_augmented_sheet(const CheckDataCommand& command, const Config& config, const DataReport& report,
                           const ReportPictures& pictures) {
  const size_t sample = image_to_augment(report, command.augment_image);
  const std::string path = (fs::path(command.out) / kAugmentedSheet).string();
  write_image(path, augmented_sheet(config, report, sample, pictures.legend));
  spdlog::info("wrote:\n  {}", path);
}

}  // namespace

ExitCode CheckDataCommand::run() const {
  catch_stop_signals();
  Config config;
  const Locations locations = read_config(load_target_config(*this), config);
  if (is_data_folder(*this)) config.data.dir = target;
  if (!data.empty()) config.data.dir = data;
  if (config.data.dir.empty())
    fail(ErrorKind::config, locations.text("data.dir"),
         ": not set. Pass --data DIR, a folder with images/ and masks/.");
  check_picture_folder(*this);

  const DataReport report = check_with_progress(config, locations, stored_scans(rescan));
  const nlohmann::json facts = to_json(report);
  const std::string document = facts.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const std::vector<std::string> next = next_commands(*this, report);
  print_data(json ? document : to_table(report));
  const size_t problems = report.data.problems.size();
  if (!out.empty()) {
    const ReportPictures pictures = write_report_files(report, facts, document, next, out);
    if (augment && problems == 0) write_augmented_sheet(*this, config, report, pictures);
    if (augment && problems > 0) spdlog::warn("no {}: fix the problems first", kAugmentedSheet);
  }

  spdlog::info("{}:\n  {}", problems == 0 ? "next" : "next, once these problems are fixed", join(next, "\n  "));
  if (problems > 0)
    fail(ErrorKind::data, config.data.dir, ": ", counted(problems, "problem"),
         "; unet train would refuse this data set");
  return ExitCode::done;
}

}  // namespace unet
