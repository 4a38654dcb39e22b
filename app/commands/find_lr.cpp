#include "app/commands/find_lr.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/import/encoder_weights.h"
#include "app/pictures/curve.h"
#include "app/run/environment.h"
#include "app/runtime/progress_bar.h"
#include "app/runtime/shell_text.h"
#include "app/run/stop_request.h"
#include "app/training/lr_finder.h"
#include "data/files/atomic_file.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

Tree gather_config(const TrainArguments& arguments) {
  Tree tree = load_config(arguments.config);
  for (const std::string& setting : arguments.settings) set_value(tree, setting);
  return tree;
}

/// Makes the folder, so that what stands in the way is said before the data are read.
void make_out(const std::string& out) {
  make_output_folder(out);
  if (!fs::is_empty(out))
    fail(ErrorKind::cannot_create, "[find-lr] ", out, ": is there and not empty. Choose another --out.");
}

LrRange test_range(LrFinder& finder) {
  spdlog::info("range test: {} steps, lr from {:g} to {:g}", LrFinder::kSteps, LrFinder::kLowestLr,
               LrFinder::kHighestLr);
  ProgressBar bar("finding the learning rate");
  auto range = finder.run(stop_signal_received, [&](double done) { bar.show(done); });
  if (!range)
    fail(ErrorKind::interrupted, "[find-lr] stopped before the end; nothing was written. Start it again for a result.");
  if (range->loss.empty())
    fail(ErrorKind::not_finite, "[find-lr] ", range->end, " with the first batch. Try train.precision: fp32.");
  return *range;
}

cv::Mat picture(const LrRange& range, const std::optional<double>& proposal, const TrainOptions& train) {
  Curve curve;
  curve.title = fmt::format("Learning-rate range test: {}, {} samples a step, {} steps ({})", train.optimizer.name(),
                            train.batch_size * train.accumulate, range.lr.size(), range.end);
  curve.x_label = "learning rate";
  curve.x = range.lr;
  curve.series = {{"loss of each step", "#b8c4d6", range.loss, true}, {"smoothed", "#1f5fbf", range.smoothed}};
  const double start = range.smoothed.front();
  const double lowest = *std::min_element(range.smoothed.begin(), range.smoothed.end());
  curve.y_high = start + 0.25 * (start - lowest) + 1e-3 * start;
  curve.marked_x = proposal;
  if (proposal) curve.mark = fmt::format("proposed: {:.2g}", *proposal);
  return draw_curve(curve);
}

nlohmann::json document(const LrRange& range, const std::optional<double>& proposal, const TrainOptions& train) {
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

/// Returns the path of the picture.
std::string write_results(const LrRange& range, const std::optional<double>& proposal, const TrainOptions& train,
                          const fs::path& out) {
  const std::string curve = (out / "lr-finder.png").string();
  write_image(curve, picture(range, proposal, train));
  write_file((out / "lr-finder.json").string(), document(range, proposal, train).dump(2) + "\n");
  spdlog::info("{} steps with lr from {:.0e} to {:.1e}: {}; curve: {}", range.lr.size(), range.lr.front(),
               range.lr.back(), range.end, curve);
  return curve;
}

void take_weights(LrFinder& finder, const Config& config, const std::string& init) {
  const std::string& encoder = config.model.encoder_weights;
  if (encoder != "none")
    load_fitting_weights(finder.network(), read_encoder_weights(encoder, finder.network().graph()));
  if (init.empty()) return;
  const std::string file = checkpoint_file(init);
  const auto left = load_fitting_weights(finder.network(), load_checkpoint(file).weights_to_use());
  spdlog::info("init: weights from {}; left fresh: {}", file, left.empty() ? "none" : join(left));
}

/// What to give to `unet train` for the same training.
std::string train_arguments(const TrainArguments& arguments, const std::string& data) {
  const std::string config = arguments.config.empty() ? "" : " " + shell_text(arguments.config);
  const std::string init = arguments.init.empty() ? "" : " --init " + shell_text(arguments.init);
  return config + " --data " + shell_text(data) + settings_text(arguments.settings) + init;
}

}  // namespace

int find_lr(const TrainArguments& arguments, const std::string& out) {
  make_out(out);
  Config config;
  const Locations locations = read_config(gather_config(arguments), config);
  if (!arguments.data.empty()) config.data.dir = arguments.data;
  const TrainOptions& train = config.train;
  const Execution execution =
      choose_execution(arguments.device, train.precision, train.memory_format, train.fast_paths);
  check_precision(train.precision, execution, locations.text("train.precision"));
  catch_stop_signals();
  warn_of_slow_blas();
  choose_cuda_kernels(train.deterministic);
  check_encoder_weights(config.model.encoder_weights, locations);
  const TrainingData data = prepare_data(config, locations);

  LrFinder finder(config, data, execution);
  take_weights(finder, config, arguments.init);
  const LrRange range = test_range(finder);
  auto proposal = proposed_lr(range);
  if (proposal) proposal = std::stod(fmt::format("{:.2g}", *proposal));
  const std::string curve = write_results(range, proposal, train, out);
  if (!proposal)
    fail(ErrorKind::data, "[find-lr] the loss fell at no learning rate: nothing to propose. Look at ", curve,
         ", and at the data with: unet check-data ", shell_text(config.data.dir));
  std::printf("train.lr=%g\n", *proposal);
  std::fflush(stdout);
  spdlog::info("proposed: where the smoothed loss had made two thirds of its fall, or a tenth of where it is lowest");
  spdlog::info("next:\n  unet train{} --set train.lr={:g}", train_arguments(arguments, config.data.dir), *proposal);
  return kExitDone;
}

}  // namespace unet
