#pragma once

#include <optional>

#include "app/config/train_options.h"
#include "app/training/time_plan.h"

namespace unet {

/// State of TimeBudget, part of a checkpoint.
struct TimeBudgetState {
  int64_t planned_steps = 0;  ///< steps of the whole training; 0: no plan yet
  int64_t plans = 0;          ///< number of plans so far

  template <class State, class Visitor>
  static void fields(State& state, Visitor&& visit) {
    visit("planned_steps", state.planned_steps);
    visit("plans", state.plans);
  }
};

/// Chooses the length of a training: train.epochs, or as many steps as fit into train.time_budget at the measured pace.
class TimeBudget {
 public:
  /// `steps_per_epoch`: optimizer steps.
  TimeBudget(const TrainOptions& options, int64_t steps_per_epoch);

  /// Steps of the whole training, as planned so far.
  int64_t total_steps() const;

  void stepped(double seconds) { pace_.stepped(seconds); }
  void validated(double seconds) { pace_.validated(seconds); }

  /// Number of plans that are due after `step` steps; more than state().plans if a new one is due.
  int64_t plans_due(int64_t step, double elapsed_seconds) const;

  /// Whether a plan needs `expect_validation` first, because no validation was measured yet.
  bool needs_validation_time() const { return !pace_.has_validated(); }
  void expect_validation(double seconds) { pace_.expect_validation(seconds); }

  /// Makes plan number `plans`.
  void plan(int64_t plans, int64_t step, double elapsed_seconds);

  const TimeBudgetState& state() const { return state_; }
  void restore(const TimeBudgetState& state) { state_ = state; }

 private:
  int64_t steps_of_epochs_;
  std::optional<TimePlan> time_plan_;  ///< set if there is a budget
  Pace pace_;
  TimeBudgetState state_;
};

}  // namespace unet
