#pragma once

#include <string>

#include "app/config/train_options.h"
#include "app/training/training_state.h"

namespace unet {

/// Returns the train.time_budget, in seconds, with which a run takes `more_seconds` longer: than it has taken if it is
/// finished, else than it would have taken. `options`: those of its last checkpoint. `elapsed_seconds`: its time so
/// far. Throws Error(usage) for an unfinished run whose duration cannot be told yet.
double lengthened_budget(const TrainingState& state, const TrainOptions& options, double elapsed_seconds,
                         double more_seconds);

/// Returns a duration as options give it, in whole seconds, rounded up: "1h2m3s".
std::string duration_option(double seconds);

}  // namespace unet
