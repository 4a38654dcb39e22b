#pragma once

#include "app/training/learning_rate.h"
#include "app/training/training_state.h"

namespace unet {

/// The parts of a training that decide something between its steps. Each has its own options and state.
struct TrainingParts {
  /// `options` must outlive the parts. `scales_loss`: see LossScaler.
  TrainingParts(const TrainOptions& options, int64_t steps_per_epoch, bool scales_loss);

  TrainingState state(const TrainingProgress& progress) const;
  void restore(const TrainingState& state);

  LearningRate learning_rate;
  EarlyStopping early_stopping;
  WeightAveraging averaging;
  NonFiniteGuard nonfinite;
  MicroBatchSplitter splitter;
  TimeBudget time_budget;
  LossScaler loss_scaler;
};

}  // namespace unet
