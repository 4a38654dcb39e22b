#pragma once

#include <vector>

#include "app/config/train_options.h"
#include "app/training/time_plan.h"
#include "data/dataset/sample_ref.h"

namespace unet {

/// State of ValidationSchedule, part of a checkpoint.
struct ValidationScheduleState {
  int64_t every = 0;                ///< steps between two validations, as train.validation_share chose; 0: not chosen
  int64_t images = 0;               ///< images of each, as it chose; 0: not chosen
  int64_t compared_images = 0;      ///< images on which the last and the best checkpoint are compared; 0: not chosen
  int64_t last_periodic_step = -1;  ///< see PlannedLength; -1: no limit
  int64_t compared_step = 0;        ///< step of the last checkpoint that was compared with the best one; 0: none
  double compared_score = 0;        ///< the better score of the two

  template <class State, class Visitor>
  static void fields(State& state, Visitor&& visit) {
    visit("validation_every", state.every);
    visit("validation_images", state.images);
    visit("compared_images", state.compared_images);
    visit("last_periodic_validation", state.last_periodic_step);
    visit("compared_step", state.compared_step);
    visit("compared_score", state.compared_score);
  }
};

/// Chooses when a training validates and on how many images: by train.validate_every_steps and train.validate_images,
/// or so that validations take at most train.validation_share of the time. If periodic validations see only a part of
/// the images, the best of these checkpoints and the last one are compared on all at the end, or on as many as the
/// share allows.
class ValidationSchedule {
 public:
  /// `images`: number of validation images. `options` must outlive this.
  ValidationSchedule(const TrainOptions& options, int64_t steps_per_epoch, int64_t images);

  /// Steps between two validations.
  int64_t every() const;
  /// Whether a validation is due after `step` steps, the last step apart; `step_in_epoch` is 0 at the end of an epoch.
  bool is_periodic(int64_t step, int64_t step_in_epoch) const;

  int64_t images() const;           ///< images of a periodic validation
  int64_t compared_images() const;  ///< images of the comparison at the end
  /// Whether checkpoints are compared at the end.
  bool compares() const { return images() < all_; }
  bool is_compared(int64_t step) const { return state_.compared_step == step; }

  /// Expected times at the measured pace.
  ValidationTimes times(const Pace& pace) const;

  /// Chooses, if train.validation_share is set, after `step` steps of a training of `budget_seconds`. The number of
  /// images stays as it was first chosen, so that all scores can be compared; the distance follows the measured pace.
  void choose(double budget_seconds, int64_t step, double elapsed_seconds, const Pace& pace);

  /// Leaves out the periodic validations after `step`, and chosen ones shortly before the last of `total_steps`.
  void end_periodic_after(int64_t step, int64_t total_steps);
  /// Keeps them again: the training takes longer than planned.
  void continue_periodic() { state_.last_periodic_step = -1; }

  /// Takes the score of the better one of the checkpoints that were compared after `step` steps.
  void compared(int64_t step, double score);

  const ValidationScheduleState& state() const { return state_; }
  void restore(const ValidationScheduleState& state) { state_ = state; }

 private:
  void choose_images(double allowed_seconds, const Pace& pace);
  double comparison_seconds(const Pace& pace) const;

  const TrainOptions& options_;
  int64_t steps_per_epoch_;
  int64_t all_;
  ValidationScheduleState state_;
};

/// Returns `count` of the samples, evenly spread over their sorted names, in the order of the names; all of them as
/// they are if there are not more.
std::vector<SampleRef> spread_over_names(const std::vector<SampleRef>& samples, int64_t count);

}  // namespace unet
