#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/optimization/schedules.h"
#include "app/training/early_stopping.h"
#include "app/training/loss_scaler.h"
#include "app/training/lr_transition.h"
#include "app/training/micro_batch_splitter.h"
#include "app/training/nonfinite_guard.h"
#include "app/training/time_budget.h"
#include "app/training/validation_schedule.h"
#include "app/training/weight_averaging.h"

namespace unet {

/// Progress of a training.
struct TrainingProgress {
  int64_t step = 0;           ///< optimizer steps done
  int64_t epoch = 0;          ///< epochs done
  int64_t step_in_epoch = 0;  ///< optimizer steps done in the current epoch
  double loss_sum = 0;        ///< sum over the steps since the last validation
  int64_t loss_count = 0;
  bool validation_due = false;  ///< the validation after this step is still to be done

  template <class Progress, class Visitor>
  static void fields(Progress& progress, Visitor&& visit) {
    visit("step", progress.step);
    visit("epoch", progress.epoch);
    visit("step_in_epoch", progress.step_in_epoch);
    visit("loss_sum", progress.loss_sum);
    visit("loss_count", progress.loss_count);
    visit("validation_due", progress.validation_due);
  }
};

/// State of a training between two optimizer steps. Together with the weights and the optimizer's state, it determines
/// the rest of the training.
struct TrainingState : TrainingProgress {
  PlateauState plateau;
  EarlyStoppingState early_stopping;
  AveragingState averaging;
  NonFiniteState nonfinite;
  SplitterState splitter;
  TimeBudgetState time_budget;
  LossScalerState loss_scaler;
  LrTransitionState transition;
  ValidationScheduleState validation;

  /// Whether the checkpoint of this state is the best one.
  bool is_best() const { return early_stopping.best_step > 0 && early_stopping.best_step == step && !validation_due; }
};

/// Returns one flat object with the fields of all parts, as checkpoints store it. Fields of transition and validation
/// are left out where they have their defaults, so that trainings without them give the files of earlier programs.
nlohmann::json to_json(const TrainingState& state);

/// Reads such an object. Fields that checkpoints of an earlier version lack keep their defaults. Throws Error(data).
TrainingState training_state_from_json(const nlohmann::json& json);

}  // namespace unet
