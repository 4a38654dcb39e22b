#include "app/commands/find_lr.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/checkpoint/checkpoint.h"
#include "app/commands/start_up.h"
#include "app/import/encoder_weights.h"
#include "app/pictures/curve.h"
#include "app/run/stop_request.h"
#include "app/runtime/progress_bar.h"
#include "app/runtime/standard_output.h"
#include "app/training/lr_finder.h"
#include "configs/schema/shell_text.h"
#include "data/files/atomic_file.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

bool is_used(const std::string& folder) {
  return fs::exists(folder) && !(fs::is_directory(folder) && fs::is_empty(folder));
}

/// Returns the output folder: `out`, or if it is the default one and used, the first free of `out`-2, `out`-3, ...
/// Refuses one that cannot be created or is used before the data are read.
std::string choose_out(const std::string& out, bool is_default) {
  std::string chosen = out;
  for (int number = 2; is_default && is_used(chosen); ++number) chosen = concat(out, "-", number);
  check_output_folder(chosen);
  if (is_used(chosen))
    fail(ErrorKind::cannot_create, chosen, ": already exists and is not empty. Choose another --out.");
  return chosen;
}

LrRange run_range_test(LrFinder& finder) {
  spdlog::info("learning rate range test: {} steps, lr from {:g} to {:g}", LrFinder::kSteps, LrFinder::kLowestLr,
               LrFinder::kHighestLr);
  ProgressBar bar("finding the learning rate");
  auto range = finder.run(stop_signal_received, [&](double done) { bar.show(done); });
  if (!range) fail(ErrorKind::interrupted, "stopped before the end; nothing was written. Run it again.");
  if (range->loss.empty())
    fail(ErrorKind::not_finite, range->end, " in the first step. Try --set train.precision=fp32.");
  return *range;
}

cv::Mat lr_curve(const LrRange& range, const std::optional<double>& proposal, const TrainOptions& train) {
  Curve curve;
  curve.title = fmt::format("Learning-rate range test: {}, {} samples per step, {} steps ({})", train.optimizer.name(),
                            train.batch_size * train.accumulate, range.lr.size(), range.end);
  curve.x_label = "learning rate";
  curve.x = range.lr;
  curve.series = {{"loss per step", "#b8c4d6", range.loss, true}, {"smoothed", "#1f5fbf", range.smoothed}};
  const double start = range.smoothed.front();
  const double lowest = *std::min_element(range.smoothed.begin(), range.smoothed.end());
  curve.y_high = start + 0.25 * (start - lowest) + 1e-3 * start;
  curve.marked_x = proposal;
  if (proposal) curve.mark = fmt::format("suggested: {:.2g}", *proposal);
  return draw_curve(curve);
}

nlohmann::json lr_document(const LrRange& range, const std::optional<double>& proposal, const TrainOptions& train) {
  nlohmann::json json{{"proposed_lr", nullptr},
                      {"end", range.end},
                      {"optimizer", train.optimizer.name()},
                      {"batch_size", train.batch_size},
                      {"accumulate", train.accumulate},
                      {"lr", range.lr},
                      {"loss", range.loss},
                      {"smoothed", range.smoothed}};
  if (proposal) json["proposed_lr"] = *proposal;
  return json;
}

/// Writes the curve and the JSON file; returns the path of the curve.
std::string write_results(const LrRange& range, const std::optional<double>& proposal, const TrainOptions& train,
                          const fs::path& out) {
  make_output_folder(out.string());
  const std::string curve = (out / "lr-finder.png").string();
  write_image(curve, lr_curve(range, proposal, train));
  write_file((out / "lr-finder.json").string(), lr_document(range, proposal, train).dump(2) + "\n");
  spdlog::info("{} steps with lr from {:.0e} to {:.1e}: {}; curve: {}", range.lr.size(), range.lr.front(),
               range.lr.back(), range.end, curve);
  return curve;
}

/// Arguments of `unet train` for the same training.
std::string train_arguments(const TrainCommand& command, const std::string& data) {
  const std::string config = command.config.empty() ? "" : " " + shell_text(command.config);
  const std::string init = command.init.empty() ? "" : " --init " + shell_text(command.init);
  return config + " --data " + shell_text(data) + settings_text(command.settings) + init;
}

}  // namespace

ExitCode find_learning_rate(const TrainCommand& command, const std::string& wanted_out) {
  const std::string out = choose_out(wanted_out, command.out.empty());
  TrainingSetup setup(load_config(command.config, command.settings), command.data, command.device);
  Config& config = setup.config;
  const InitialWeights initial = read_initial_weights(command.init);
  prepare_process(config.train, command.threads);
  check_encoder_weights(config.model.encoder_weights, setup.locations);
  const TrainingData data = prepare_data(config, setup.locations, stop_signal_received, stored_scans(command.rescan));

  LrFinder finder(config, data, setup.execution);
  load_initial_weights(config, initial, finder.network().graph(),
                       [&](const TensorMap& weights) { return load_fitting_weights(finder.network(), weights); });
  const LrRange range = run_range_test(finder);
  auto proposal = proposed_lr(range);
  if (proposal) proposal = std::stod(fmt::format("{:.2g}", *proposal));
  const std::string curve = write_results(range, proposal, config.train, out);
  if (!proposal)
    fail(ErrorKind::data, "the loss did not decrease at any learning rate, so none can be suggested. Look at ", curve,
         ", and check the data: unet check-data ", shell_text(config.data.dir));
  print_data(fmt::format("train.lr={:g}\n", *proposal));
  spdlog::info(
      "suggested: the learning rate at which the smoothed loss had completed two thirds of its descent, or a tenth of "
      "the one with the lowest loss, whichever is smaller");
  spdlog::info("next:\n  unet train{} --set train.lr={:g}", train_arguments(command, config.data.dir), *proposal);
  return ExitCode::done;
}

}  // namespace unet
