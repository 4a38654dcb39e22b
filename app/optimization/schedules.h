#pragma once

#include "configs/schema/options.h"

namespace unet {

/// What a schedule remembers between validations; only `plateau` uses it. Part of a checkpoint.
struct PlateauState {
  double factor = 1;
  double best_score = -1;
  int64_t validations_without_gain = 0;
};

/// The learning rate over the training, as a factor of `train.lr`.
class Schedule : public Options {
 public:
  /// The factor at optimizer step `step` of `total`, both counted after the warm-up; 0 <= step < total.
  /// A pure function of its arguments, so that resume needs nothing else.
  virtual double factor(int64_t step, int64_t total, const PlateauState& plateau) const = 0;

  /// Steps of warm-up out of `total` where nobody asks for another number.
  virtual int64_t default_warmup(int64_t total) const;

  /// Called after each validation with its score (higher is better).
  virtual void validated(double /*score*/, PlateauState& /*plateau*/) const {}
};

/// constant, poly, cosine, cosine_restarts, one_cycle, exponential, step, plateau: each as torch.optim.lr_scheduler has
/// it.
const Registry<Schedule>& schedules();

/// The factor of any schedule behind a linear warm-up: (step + 1) / (warmup + 1) while step < warmup.
double factor_with_warmup(const Schedule& schedule, int64_t step, int64_t total, int64_t warmup,
                          const PlateauState& plateau);

}  // namespace unet
