#pragma once

#include <cstdint>

namespace unet {

/// Measured pace of a training on this machine.
class Pace {
 public:
  /// Takes the time of a step. The first two steps of a process are slower than the others and do not count.
  void stepped(double seconds);
  void validated(double seconds);
  void expect_validation(double seconds) { validation_seconds_ = seconds; }  ///< used until one is measured

  int64_t steps() const { return steps_; }               ///< number of measured steps
  double step_seconds() const { return step_seconds_; }  ///< mean that gives recent steps more weight

  bool has_validated() const { return has_validated_; }
  double validation_seconds() const { return validation_seconds_; }

 private:
  int64_t slow_steps_ = 0;
  int64_t steps_ = 0;
  double step_seconds_ = 0;
  bool has_validated_ = false;
  double validation_seconds_ = 0;
};

/// Chooses the number of steps so that a training ends when its time is over.
class TimePlan {
 public:
  /// `validate_every`: steps between validations; one more follows at the end.
  TimePlan(double budget_seconds, int64_t validate_every);

  /// Number of plans that are due by now: one after the first steps, one after the first validation, and one each after
  /// 25, 50, 75, 90 and 97% of the time or of the planned steps. `made`: number of plans so far; `steps_share`: share
  /// of the planned steps that is done.
  int64_t plans_due(int64_t made, double elapsed_seconds, double steps_share, const Pace& pace) const;

  /// Steps of the whole training; at least `step`, the number of steps done.
  int64_t total_steps(int64_t step, double elapsed_seconds, const Pace& pace) const;

 private:
  double seconds_for(int64_t step, int64_t total, const Pace& pace) const;

  double budget_;
  int64_t validate_every_;
};

}  // namespace unet
