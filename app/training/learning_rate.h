#pragma once

#include "app/config/train_options.h"
#include "app/scores/best_score.h"

namespace unet {

/// Learning rate of each step: train.lr times the factor of its schedule and warm-up.
class LearningRate {
 public:
  /// `options` must outlive this.
  explicit LearningRate(const TrainOptions& options) : options_(options) {
    state_.best_score = worst_comparable_score(options.best_by);
  }

  /// The learning rate of the step after `step` steps of `total_steps`.
  double at(int64_t step, int64_t total_steps) const;

  /// Takes the comparable score (see comparable_score) of a validation; higher is better.
  void validated(double score) { options_.schedule->validated(score, state_); }

  const PlateauState& state() const { return state_; }
  void restore(const PlateauState& state) { state_ = state; }

 private:
  const TrainOptions& options_;
  PlateauState state_;
};

}  // namespace unet
