#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/training/loss_scaler.h"
#include "app/optimization/schedules.h"

namespace unet {

/// Where a training stands between two optimizer steps. With the weights and the optimizer's state it is
/// all that the rest of the training depends on.
struct Position {
  int64_t step = 0;           ///< optimizer steps done
  int64_t epoch = 0;          ///< epochs done
  int64_t step_in_epoch = 0;  ///< optimizer steps done in the present epoch
  double loss_sum = 0;        ///< of the steps since the last validation
  int64_t loss_count = 0;
  bool validation_due = false;  ///< stopped before the validation that belongs here
  bool stopped_early = false;
  double best_score = -1;
  int64_t best_step = 0;
  int64_t validations_without_gain = 0;
  PlateauState plateau;
  int64_t averaged = 0;          ///< weights in the mean of SWA
  int64_t skipped_in_a_row = 0;  ///< steps left out as not finite, up to here
  int64_t parts = 1;             ///< that a micro-batch is computed in (train.out_of_memory)
  int64_t planned_steps = 0;     ///< of the whole training, by train.time_budget; 0: no plan yet
  int64_t plans = 0;             ///< made so far
  LossScaler loss_scaler;

  /// Whether the checkpoint of this position is the best one.
  bool is_best() const { return best_step > 0 && best_step == step && !validation_due; }
};

nlohmann::json to_json(const Position& position);

/// Members that a checkpoint of an earlier program lacks keep their defaults. Throws Error(data).
Position position_from_json(const nlohmann::json& json);

}  // namespace unet
