#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/training/schedules.h"

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
};

nlohmann::json to_json(const Position& position);
Position position_from_json(const nlohmann::json& json);

}  // namespace unet
