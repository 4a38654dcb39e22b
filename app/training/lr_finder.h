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

/// What a learning-rate range test saw, step by step.
struct LrRange {
  std::vector<double> lr;        ///< of each step, rising
  std::vector<double> loss;      ///< of each step's samples, before the weights moved
  std::vector<double> smoothed;  ///< a weighted mean of the losses around each step
  std::string end;               ///< why there are no more steps
};

/// Learning-rate range test: trains for some steps while the learning rate rises from far too small to far too large.
/// Source: Smith 2015, arXiv:1506.01186.
class LrFinder {
 public:
  /// `config` is resolved; it and `data` must outlive the finder. The weights are its own.
  LrFinder(const Config& config, const TrainingData& data, const Execution& execution);

  NetworkImpl& network() { return learner_.network(); }

  /// Runs the test until the learning rate is at its largest, the loss has exploded, or loss or gradient are not
  /// finite. `progress` gets shares of 1. Nothing where `stop_requested` said so.
  std::optional<LrRange> run(const std::function<bool()>& stop_requested, const std::function<void(double)>& progress);

  static constexpr int64_t kSteps = 100;
  static constexpr double kLowestLr = 1e-6, kHighestLr = 10;

 private:
  StepResult step(int64_t index);
  Batch next_batch();

  const Config& config_;
  TrainingSet training_set_;
  LoaderPlan plan_;
  int64_t epoch_ = 0;
  std::unique_ptr<Loader> loader_;
  Learner learner_;
  bool scales_loss_;
  LossScaler loss_scaler_;
};

/// The losses with the noise of single batches taken off; what has exploded counts as no more than `most`.
std::vector<double> smoothed_losses(const std::vector<double>& losses, double most);

/// A learning rate to train with: the one at which the smoothed loss had made two thirds of its fall, or a tenth of
/// that where it is lowest, whichever is less. Nothing where the loss never fell clearly.
std::optional<double> proposed_lr(const LrRange& range);

}  // namespace unet
