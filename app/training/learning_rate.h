#pragma once

#include "app/config/train_options.h"

namespace unet {

/// Learning rate of each step: train.lr times the factor of its schedule and warm-up.
class LearningRate {
 public:
  /// `options` must outlive this.
  explicit LearningRate(const TrainOptions& options) : options_(options) {}

  /// The learning rate of the step after `step` steps of `total_steps`.
  double at(int64_t step, int64_t total_steps) const;

  /// Takes the score of a validation; higher is better.
  void validated(double score) { options_.schedule->validated(score, state_); }

  const PlateauState& state() const { return state_; }
  void restore(const PlateauState& state) { state_ = state; }

 private:
  const TrainOptions& options_;
  PlateauState state_;
};

}  // namespace unet
