#pragma once

#include "app/config/train_options.h"

namespace unet {

/// State of WeightAveraging, part of a checkpoint.
struct AveragingState {
  int64_t averaged = 0;  ///< number of steps in the SWA mean

  template <class State, class Visitor>
  static void fields(State& state, Visitor&& visit) {
    visit("averaged", state.averaged);
  }
};

/// Chooses the decay of the averaged weights in each step: for an exponential moving average (train.ema_decay) or a
/// plain mean (train.swa_start). AveragedWeights holds the averages themselves.
class WeightAveraging {
 public:
  explicit WeightAveraging(const TrainOptions& options)
      : ema_decay_(options.ema_decay), swa_start_(options.swa_start) {}

  /// Decay of the averages in the step after `step` steps of `total_steps`.
  double decay(int64_t step, int64_t total_steps) const;

  /// Call after that step, unless it was skipped.
  void updated(int64_t step, int64_t total_steps);

  /// Whether the averages are a plain mean, whose BatchNorm statistics must be estimated.
  bool needs_norm_statistics() const { return state_.averaged > 0; }

  const AveragingState& state() const { return state_; }
  void restore(const AveragingState& state) { state_ = state; }

 private:
  /// Whether the weights of the step after `step` steps are part of the plain mean.
  bool joins_mean(int64_t step, int64_t total_steps) const;

  double ema_decay_;
  double swa_start_;
  AveragingState state_;
};

/// Decay of an exponential moving average after optimizer step `step`, counted from 1: min(decay, (1 + step) / (10 +
/// step)), so that the first steps soon lose their weight. Source: Polyak & Juditsky 1992.
double ema_decay(double decay, int64_t step);

/// Decay of update number `count`, counted from 1, in a plain mean of all updates. 0 if `count` is 0 or 1.
/// Source: stochastic weight averaging, Izmailov et al. 2018, arXiv:1803.05407.
double swa_decay(int64_t count);

}  // namespace unet
