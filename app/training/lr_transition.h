#pragma once

#include <cstdint>
#include <optional>

namespace unet {

/// Change of course of the learning rate in the middle of a training. Part of a checkpoint.
struct LrTransitionState {
  int64_t from_step = 0;
  int64_t to_step = 0;    ///< 0: none
  double from_lr = 0;     ///< learning rate of the last step before from_step
  bool finishes = false;  ///< ends the training at to_step with a learning rate of 0; else leads to the schedule

  template <class State, class Visitor>
  static void fields(State& state, Visitor&& visit) {
    visit("transition_from_step", state.from_step);
    visit("transition_to_step", state.to_step);
    visit("transition_from_lr", state.from_lr);
    visit("transition_finishes", state.finishes);
  }
};

/// Leads the learning rate from its present value along a straight line to zero, where the training ends early with a
/// finished model, or to its schedule, where the training got another length. A linear decay to zero from any point of
/// a training gives about what a schedule of that length would have. Source: Hägele et al. 2024, arXiv:2405.18392.
class LrTransition {
 public:
  /// Ends the training within `share` of its `step` steps.
  void finish(int64_t step, double lr, double share);

  /// Joins a schedule of `total_steps` after a tenth of the remaining steps, at most 500.
  void join(int64_t step, double lr, int64_t total_steps);

  bool is_finishing() const { return state_.to_step > 0 && state_.finishes; }

  /// Steps of the whole training, if this ends it.
  std::optional<int64_t> end() const { return is_finishing() ? std::optional(state_.to_step) : std::nullopt; }

  /// The learning rate of the step after `step` steps, where the schedule has `scheduled`.
  double at(int64_t step, double scheduled) const;

  const LrTransitionState& state() const { return state_; }
  void restore(const LrTransitionState& state) { state_ = state; }

 private:
  LrTransitionState state_;
};

}  // namespace unet
