#pragma once

#include "configs/schema/options.h"

namespace unet {

/// State of a schedule between validations; only `plateau` uses it. Part of a checkpoint.
struct PlateauState {
  double factor = 1;
  double best_score = -1;
  int64_t validations_without_gain = 0;

  template <class State, class Visitor>
  static void fields(State& state, Visitor&& visit) {
    visit("plateau_factor", state.factor);
    visit("plateau_best_score", state.best_score);
    visit("plateau_validations_without_gain", state.validations_without_gain);
  }
};

/// Learning rate schedule, as a factor of `train.lr`.
class Schedule : public Options {
 public:
  /// The factor at optimizer step `step` of `total`, both counted after the warm-up; 0 <= step < total.
  /// A pure function of its arguments, so that resume needs nothing else.
  virtual double factor(int64_t step, int64_t total, const PlateauState& plateau) const = 0;

  /// Steps of warm-up out of `total` where train.warmup_steps is auto.
  virtual int64_t default_warmup(int64_t total) const;

  /// Updates the state with the score of a validation; higher is better.
  virtual void validated(double /*score*/, PlateauState& /*plateau*/) const {}
};

/// constant, poly, cosine, cosine_restarts, one_cycle, exponential, step and plateau, as in torch.optim.lr_scheduler.
const Registry<Schedule>& schedules();

/// Factor of a schedule after a linear warm-up, which is (step + 1) / (warmup + 1) while step < warmup.
double factor_with_warmup(const Schedule& schedule, int64_t step, int64_t total, int64_t warmup,
                          const PlateauState& plateau);

}  // namespace unet
