#include "app/training/lr_finder.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/samples/rng.h"

namespace unet {
namespace {

constexpr size_t kInitialSteps = 5;        // steps whose mean is the initial loss
constexpr double kExplosionFactor = 2;     // the loss has exploded above this multiple of the initial loss
constexpr double kMinDescent = 0.05;       // share of the initial loss by which it must decrease for a suggestion
constexpr double kSmoothing = 3;           // standard deviation of the Gaussian weights, in steps
constexpr double kDescentShare = 2.0 / 3;  // share of the descent that is complete at the suggestion
constexpr double kLowestLossDivisor = 10;  // the suggestion is at most the lr of the lowest loss divided by this

double lr_at(int64_t step) {
  const double share = static_cast<double>(step) / static_cast<double>(LrFinder::kSteps - 1);
  return LrFinder::kLowestLr * std::pow(LrFinder::kHighestLr / LrFinder::kLowestLr, share);
}

double mean(const std::vector<double>& values, size_t begin, size_t end) {
  const auto first = values.begin();
  const double sum =
      std::accumulate(first + static_cast<std::ptrdiff_t>(begin), first + static_cast<std::ptrdiff_t>(end), 0.0);
  return sum / static_cast<double>(end - begin);
}

double explosion_limit(const std::vector<double>& losses) {
  return kExplosionFactor * mean(losses, 0, std::min(kInitialSteps, losses.size()));
}

bool has_exploded(const std::vector<double>& losses) {
  constexpr size_t kLastSteps = 3;
  return losses.size() > kInitialSteps + kLastSteps &&
         mean(losses, losses.size() - kLastSteps, losses.size()) > explosion_limit(losses);
}

}  // namespace

LrFinder::LrFinder(const Config& config, const TrainingData& data, const Execution& execution)
    : seed_(static_cast<uint64_t>(config.train.seed)),
      accumulate_(config.train.accumulate),
      training_set_(training_set(config, data.train)),
      plan_(loader_plan(config, execution)),
      loader_(std::make_unique<Loader>(training_set_, plan_, epoch_)),
      learner_(config, data.class_share, *config.data.channels, execution),
      loss_scaler_(execution.scales_loss) {
  learner_.freeze_for(0);
}

std::optional<LrRange> LrFinder::run(const std::function<bool()>& stop_requested,
                                     const std::function<void(double)>& progress) {
  LrRange range;
  for (int64_t step = 0; step < kSteps && range.end.empty(); ++step) {
    if (stop_requested()) return std::nullopt;
    progress(static_cast<double>(step) / static_cast<double>(kSteps));
    const StepResult result = this->step(step);
    if (!result.fault.empty())  // short enough for a picture's title
      range.end = std::isfinite(result.loss) ? "the gradient is not finite" : "the loss is not finite";
    if (!std::isfinite(result.loss)) break;
    range.lr.push_back(lr_at(step));
    range.loss.push_back(result.loss);
    if (has_exploded(range.loss)) range.end = "the loss exploded";
  }
  if (range.end.empty()) range.end = "the learning rate is at its largest";
  if (!range.loss.empty()) range.smoothed = smoothed_losses(range.loss, explosion_limit(range.loss));
  return range;
}

/// Repeats the step with a lower loss scale if fp16 overflows.
StepResult LrFinder::step(int64_t index) {
  const StepBatches batches([this] { return next_batch(); }, accumulate_);
  StepArgs args;
  args.lr = lr_at(index);
  args.seed = [&](int64_t micro_batch) { return Rng::from(seed_, "find lr", index, micro_batch).bits(); };
  while (true) {
    args.loss_scale = loss_scaler_.scale();
    const StepResult result = learner_.step(batches, args);
    if (result.fault.empty() || !loss_scaler_.overflowed()) return result;
  }
}

Batch LrFinder::next_batch() {
  auto batch = loader_->next();
  if (!batch) {
    loader_ = std::make_unique<Loader>(training_set_, plan_, ++epoch_);
    batch = loader_->next();
  }
  return std::move(*batch);
}

std::vector<double> smoothed_losses(const std::vector<double>& losses, double limit) {
  std::vector<double> smoothed;
  for (size_t i = 0; i < losses.size(); ++i) {
    double sum = 0, weights = 0;
    for (size_t k = 0; k < losses.size(); ++k) {
      const double distance = (static_cast<double>(k) - static_cast<double>(i)) / kSmoothing;
      const double weight = std::exp(-0.5 * distance * distance);
      sum += weight * std::min(losses[k], limit);
      weights += weight;
    }
    smoothed.push_back(sum / weights);
  }
  return smoothed;
}

std::optional<double> proposed_lr(const LrRange& range) {
  if (range.loss.size() <= kInitialSteps) return std::nullopt;
  const double start = mean(range.loss, 0, kInitialSteps);
  const auto lowest = std::min_element(range.smoothed.begin(), range.smoothed.end());
  if (*lowest > (1 - kMinDescent) * start) return std::nullopt;
  const auto lr_of = [&](auto step) { return range.lr[static_cast<size_t>(step - range.smoothed.begin())]; };
  const double target = start - kDescentShare * (start - *lowest);
  const auto reached =
      std::find_if(range.smoothed.begin(), lowest, [&](double smoothed) { return smoothed <= target; });
  return std::min(lr_of(reached), lr_of(lowest) / kLowestLossDivisor);
}

}  // namespace unet
