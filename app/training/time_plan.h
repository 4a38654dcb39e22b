#pragma once

#include <cstdint>

namespace unet {

/// Measured pace of a training on this machine.
class Pace {
 public:
  /// Takes the time of a step. The first two steps of a process are slower than the others and count only until another
  /// step was measured. A single slow step has little effect.
  void stepped(double seconds);

  /// Takes the time of a validation: of predicting and scoring `images` images, and of everything else, such as saving.
  void validated(double image_seconds, double other_seconds, int64_t images);
  void expect_validation(double seconds_per_image) { image_seconds_ = seconds_per_image; }  ///< until one is measured

  bool has_stepped() const { return slow_steps_ > 0; }
  int64_t steps() const { return steps_; }               ///< number of measured steps
  bool is_known() const;                                 ///< whether enough steps were measured
  double step_seconds() const { return step_seconds_; }  ///< mean that gives recent steps more weight

  bool has_validated() const { return has_validated_; }
  bool needs_expectation() const { return !has_validated_ && image_seconds_ == 0; }
  /// Expected time per image, of a validation now: another load on the machine slows it down as it does the steps.
  double image_seconds() const { return image_seconds_ * slowdown(); }
  double validation_seconds(int64_t images) const;

 private:
  double slowdown() const;

  int64_t slow_steps_ = 0;
  int64_t steps_ = 0;
  double step_seconds_ = 0;
  bool has_validated_ = false;
  double image_seconds_ = 0;
  double other_seconds_ = 0;
  double step_seconds_then_ = 0;  ///< step_seconds_ when the validation was measured
};

/// Times of the validations that a training still needs.
struct ValidationTimes {
  int64_t every = 1;          ///< steps between two of them
  double each_seconds = 0;    ///< time of one; the last step is followed by one, too
  double ending_seconds = 0;  ///< time of what follows the last one
};

/// Length of a training.
struct PlannedLength {
  int64_t total_steps = 0;
  int64_t last_periodic_step = 0;  ///< no periodic validation after this step: it would leave too few steps
};

/// Chooses the number of steps so that a training ends when its time is over.
class TimePlan {
 public:
  explicit TimePlan(double budget_seconds) : budget_(budget_seconds) {}

  double budget_seconds() const { return budget_; }

  /// Number of plans that are due by now: one after the first steps, one after the first validation, one each after
  /// growing shares of the time for steps or of the planned steps, up to 98.5%, and another one as soon as no further
  /// step fits. `made`: number of plans so far; `steps_share`: share of the planned steps that is done;
  /// `reserved_seconds`: time of what follows the last step.
  int64_t plans_due(int64_t made, double elapsed_seconds, double steps_share, const Pace& pace,
                    double reserved_seconds) const;

  /// Length of the whole training; at least `step`, the number of steps done, whose validation may be due. As many
  /// periodic validations take place as fit, and as many steps as then fit.
  PlannedLength length(int64_t step, double elapsed_seconds, const Pace& pace, const ValidationTimes& times) const;

 private:
  double budget_;
};

}  // namespace unet
