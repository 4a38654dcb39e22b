#include "app/planning/machine_facts.h"

#include <spdlog/spdlog.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "app/bench/stopwatch.h"
#include "app/planning/speed_cache.h"
#include "app/runtime/out_of_memory.h"
#include "app/training/training_data.h"

namespace unet {
namespace {

/// y at x on the line through two points, all on logarithmic axes.
double power_law(double x, double x0, double y0, double x1, double y1) {
  const double slope = std::log(y1 / y0) / std::log(x1 / x0);
  return y0 * std::pow(x / x0, slope);
}

void insert_by_width(std::vector<NetworkSpeed>& speeds, const NetworkSpeed& speed) {
  const auto at =
      std::find_if(speeds.begin(), speeds.end(), [&](const auto& each) { return each.width > speed.width; });
  speeds.insert(at, speed);
}

/// The speed of a network; nullopt, with a warning, if its step does not fit into the memory.
std::optional<NetworkSpeed> speed_within_memory(const Config& config, const Execution& execution, double seconds) {
  try {
    return measure_speed(config, execution, seconds);
  } catch (const std::exception& error) {
    if (!is_out_of_memory(error)) throw;
  }
  spdlog::warn("the speed of width {} is not known: a batch of {} samples of {}x{} does not fit into the memory",
               config.model.base_channels, config.train.batch_size, config.data.size.at(0), config.data.size.at(1));
  return std::nullopt;
}

}  // namespace

NetworkSpeed MachineFacts::speed(int64_t width) const {
  if (speeds.empty()) return {width, 0, 0};
  const auto x = static_cast<double>(width);
  if (speeds.size() == 1) {
    constexpr double kUsualSlope = 1.3;  // between memory (1) and arithmetic (2)
    const double factor = std::pow(x / static_cast<double>(speeds[0].width), kUsualSlope);
    return {width, speeds[0].train * factor, speeds[0].predict * factor};
  }
  size_t upper = 1;
  while (upper + 1 < speeds.size() && speeds[upper].width < width) ++upper;
  const NetworkSpeed &a = speeds[upper - 1], &b = speeds[upper];
  const auto at = [&](double y0, double y1) {
    return power_law(x, static_cast<double>(a.width), y0, static_cast<double>(b.width), y1);
  };
  return {width, at(a.train, b.train), at(a.predict, b.predict)};
}

double MachineFacts::step_seconds(int64_t width, int64_t batch, double megapixels) const {
  const auto samples = static_cast<double>(batch);
  return samples *
         (megapixels * speed(width).train + load_seconds / static_cast<double>(std::max<int64_t>(1, threads)));
}

void measure_widths(MachineFacts& facts, Config config, const Execution& execution, const std::vector<int64_t>& widths,
                    double seconds) {
  SpeedCache cache(SpeedCache::user_file());
  const RunClock clock = start_run_clock();
  const bool is_limited_by_width = config.model.max_channels == 16 * config.model.base_channels;
  const double batch_megapixels =
      static_cast<double>(config.train.batch_size * config.data.size.at(0) * config.data.size.at(1)) / 1e6;
  for (const int64_t width : widths) {
    config.model.base_channels = width;
    if (is_limited_by_width) config.model.max_channels = 16 * width;
    const std::string key = speed_key(config, execution);
    if (const auto known = cache.find(key)) {
      insert_by_width(facts.speeds, *known);
      continue;
    }
    const double left = seconds - clock();
    constexpr double kSteps = 6;  // that measuring takes at least, with those of the prediction
    if (!facts.speeds.empty() && kSteps * batch_megapixels * facts.speed(width).train > left) continue;
    const auto speed = speed_within_memory(config, execution, left / 2);
    if (!speed) break;
    insert_by_width(facts.speeds, *speed);
    if (speed->is_undisturbed) cache.add(key, *speed);  // another load may be gone next time
  }
  cache.save();
  facts.threads = at::get_num_threads();
  facts.measured_seconds += clock();
}

void measure_loading(MachineFacts& facts, const Config& config, const SampleRef& image) {
  const RunClock clock = start_run_clock();
  const Preprocessing preprocessing(config.data);
  facts.read_seconds = seconds_of([&] { preprocessing.load(image); });
  const TrainingSet set = training_set(config, {image});
  const std::vector<int64_t> order = set.order(0);
  Timing timing;
  constexpr int64_t kSamples = 4;  // the first one is decoded, the others come from the cache
  for (int64_t epoch = 0; epoch < kSamples; ++epoch)
    timing.seconds.push_back(seconds_of([&] { set.batch(epoch, order, {0}); }));
  facts.load_seconds = timing.median();
  facts.measured_seconds += clock();
}

}  // namespace unet
