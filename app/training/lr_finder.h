#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/training/learner.h"
#include "app/training/loss_scaler.h"
#include "app/training/training_data.h"
#include "data/samples/loader.h"

namespace unet {

/// Result of a learning rate range test, by step.
struct LrRange {
  std::vector<double> lr;        ///< learning rates, increasing
  std::vector<double> loss;      ///< loss of the step's samples, before its update
  std::vector<double> smoothed;  ///< weighted mean of the losses around the step
  std::string end;               ///< why the test ended
};

/// Learning rate range test: trains while the learning rate increases from far too small to far too large.
/// Source: Smith 2015, arXiv:1506.01186.
class LrFinder {
 public:
  /// `config` must be resolved; it and `data` must outlive the finder, which has a network of its own.
  LrFinder(const Config& config, const TrainingData& data, const Execution& execution);

  NetworkImpl& network() { return learner_.network(); }

  /// Runs the test until the learning rate is at its largest, the loss explodes, or the loss or gradient is not finite.
  /// `progress` receives the share that is done. Returns nullopt if `stop_requested` returned true.
  std::optional<LrRange> run(const std::function<bool()>& stop_requested, const std::function<void(double)>& progress);

  static constexpr int64_t kSteps = 100;
  static constexpr double kLowestLr = 1e-6, kHighestLr = 10;

 private:
  StepResult step(int64_t index);
  Batch next_batch();

  uint64_t seed_;
  int64_t accumulate_;
  TrainingSet training_set_;
  LoaderPlan plan_;
  int64_t epoch_ = 0;
  std::unique_ptr<Loader> loader_;
  Learner learner_;
  LossScaler loss_scaler_;
};

/// Smooths the noise of single batches. Losses above `limit` count as `limit`.
std::vector<double> smoothed_losses(const std::vector<double>& losses, double limit);

/// Suggests a learning rate: the one at which the smoothed loss has completed two thirds of its descent, or a tenth of
/// the one with the lowest loss, whichever is smaller. Returns nullopt if the loss never decreases by 5%.
std::optional<double> proposed_lr(const LrRange& range);

}  // namespace unet
