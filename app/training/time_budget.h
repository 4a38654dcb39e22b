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

  Pace& pace() { return pace_; }
  const Pace& pace() const { return pace_; }

  /// Number of plans that are due after `step` steps; more than state().plans if a new one is due. `reserved_seconds`:
  /// time of what follows the last step.
  int64_t plans_due(int64_t step, double elapsed_seconds, double reserved_seconds) const;

  /// Makes plan number `plans`. Returns the step after which no periodic validation fits.
  int64_t plan(int64_t plans, int64_t step, double elapsed_seconds, const ValidationTimes& times);

  /// Takes `total_steps` as the length until the next plan, which is due once the pace is known.
  void expect(int64_t total_steps) { state_ = {total_steps, 0}; }

  const TimeBudgetState& state() const { return state_; }
  void restore(const TimeBudgetState& state) { state_ = state; }

 private:
  int64_t steps_of_epochs_;
  std::optional<TimePlan> time_plan_;  ///< set if there is a budget
  Pace pace_;
  TimeBudgetState state_;
};

}  // namespace unet
