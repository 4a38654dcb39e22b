#pragma once

#include "app/config/train_options.h"
#include "app/scores/best_score.h"

namespace unet {

/// State of EarlyStopping, part of a checkpoint.
struct EarlyStoppingState {
  double best_score = -1;  ///< comparable: negated if smaller scores are better
  int64_t best_step = 0;   ///< 0: no validation yet
  int64_t validations_without_gain = 0;
  bool stopped = false;

  template <class State, class Visitor>
  static void fields(State& state, Visitor&& visit) {
    visit("best_score", state.best_score);
    visit("best_step", state.best_step);
    visit("validations_without_gain", state.validations_without_gain);
    visit("stopped_early", state.stopped);
  }
};

/// Remembers the best validation and ends a training whose score no longer rises (train.early_stopping_patience).
class EarlyStopping {
 public:
  explicit EarlyStopping(const TrainOptions& options) : patience_(options.early_stopping_patience) {
    state_.best_score = worst_comparable_score(options.best_by);
  }

  /// Takes the comparable score (see comparable_score) of the validation after `step` steps; higher is better.
  void validated(double score, int64_t step);

  /// Takes the checkpoint of another step as the best one; `score` is that of its validation.
  void choose(double score, int64_t step);

  /// Lets a training continue that gets another length.
  void restart();

  bool stops() const { return state_.stopped; }

  const EarlyStoppingState& state() const { return state_; }
  void restore(const EarlyStoppingState& state) { state_ = state; }

 private:
  int64_t patience_;
  EarlyStoppingState state_;
};

}  // namespace unet
