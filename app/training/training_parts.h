#pragma once

#include "app/training/learning_rate.h"
#include "app/training/training_state.h"

namespace unet {

/// The parts of a training that decide something between its steps. Each has its own options and state.
struct TrainingParts {
  /// `options` must outlive the parts. `scales_loss`: see LossScaler.
  TrainingParts(const TrainOptions& options, int64_t steps_per_epoch, bool scales_loss, int64_t validation_images = 0);

  TrainingState state(const TrainingProgress& progress) const;
  void restore(const TrainingState& state);

  /// Steps of the whole training, as planned so far.
  int64_t total_steps() const { return transition.end().value_or(time_budget.total_steps()); }

  /// The learning rate of the step after `step` steps.
  double lr(int64_t step) const { return transition.at(step, learning_rate.at(step, total_steps())); }

  LearningRate learning_rate;
  EarlyStopping early_stopping;
  WeightAveraging averaging;
  NonFiniteGuard nonfinite;
  MicroBatchSplitter splitter;
  TimeBudget time_budget;
  LossScaler loss_scaler;
  LrTransition transition;
  ValidationSchedule validation;
};

}  // namespace unet
