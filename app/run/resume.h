#pragma once

#include <string>
#include <vector>

#include "app/checkpoint/checkpoint.h"
#include "app/run/run_folder.h"
#include "app/training/training_data.h"
#include "app/training/training_state.h"

namespace unet {

/// The run under `folder` that was saved last. Throws Error(missing_input) where there is none.
std::string newest_run(const std::string& folder);

/// Where a run goes on.
struct LastCheckpoint {
  Checkpoint checkpoint;
  TrainingState state;                ///< of the checkpoint
  std::vector<std::string> warnings;  ///< why it is not the one that was saved last; empty where it is
};

/// The last checkpoint of a run, or the one before where the last one is damaged or gone; it is the last one then, and
/// a best one that is damaged is removed. Throws Error(data), Error(missing_input).
LastCheckpoint load_last(const RunFolder& run);

/// What the checkpoint of a position is, beside the last one.
CheckpointRole role_of(const TrainingState& state, const TrainOptions& options);

/// Refuses options and, unless they may change, data that are not those of the checkpoint: Error(config) naming key
/// and, where the network would be another, the first tensor; Error(data). `run` is for messages.
void check_resumable(const Checkpoint& checkpoint, Config& config, const TrainingData& data, bool data_may_change,
                     const std::string& run);

}  // namespace unet
