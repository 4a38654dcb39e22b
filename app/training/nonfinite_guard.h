#pragma once

#include <string>

#include "app/config/train_options.h"

namespace unet {

/// The part of a checkpoint that belongs to NonFiniteGuard.
struct NonFiniteState {
  int64_t skipped_in_a_row = 0;

  template <class State, class Visitor>
  static void fields(State& state, Visitor&& visit) {
    visit("skipped_in_a_row", state.skipped_in_a_row);
  }
};

/// Decides about a step whose loss or gradient is NaN or Inf: skip it or stop the training (train.nonfinite).
class NonFiniteGuard {
 public:
  explicit NonFiniteGuard(const TrainOptions& options)
      : skips_(options.nonfinite == NonfinitePolicy::skip), limit_(options.nonfinite_limit) {}

  /// Call after a step with finite loss and gradient.
  void succeeded() { state_.skipped_in_a_row = 0; }

  /// Counts the skipped step number `step`; returns the warning. Throws Error(not_finite) where the training must
  /// stop. `fault`: what is not finite, and where.
  std::string skip(int64_t step, const std::string& fault);

  const NonFiniteState& state() const { return state_; }
  void restore(const NonFiniteState& state) { state_ = state; }

 private:
  bool skips_;
  int64_t limit_;  ///< most skipped steps in a row
  NonFiniteState state_;
};

}  // namespace unet
