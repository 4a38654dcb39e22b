#pragma once

#include <string>

#include "app/config/train_options.h"

namespace unet {

/// State of NonFiniteGuard, part of a checkpoint.
struct NonFiniteState {
  int64_t skipped_in_a_row = 0;

  template <class State, class Visitor>
  static void fields(State& state, Visitor&& visit) {
    visit("skipped_in_a_row", state.skipped_in_a_row);
  }
};

/// Skips a step whose loss or gradient is NaN or Inf, or stops the training (train.nonfinite).
class NonFiniteGuard {
 public:
  explicit NonFiniteGuard(const TrainOptions& options)
      : skips_(options.nonfinite == NonfinitePolicy::skip), limit_(options.nonfinite_limit) {}

  /// Call after a step with finite loss and gradient.
  void succeeded() { state_.skipped_in_a_row = 0; }

  /// Counts step number `step` as skipped; returns the warning. Throws Error(not_finite) if the training must stop.
  /// `fault`: what is not finite, and where.
  std::string skip(int64_t step, const std::string& fault);

  const NonFiniteState& state() const { return state_; }
  void restore(const NonFiniteState& state) { state_ = state; }

 private:
  bool skips_;
  int64_t limit_;  ///< maximum number of consecutive skipped steps
  NonFiniteState state_;
};

}  // namespace unet
