#pragma once

#include <string>
#include <vector>

#include "app/checkpoint/checkpoint.h"
#include "app/run/run_folder.h"
#include "app/training/training_data.h"
#include "app/training/training_state.h"

namespace unet {

/// Path of the run in `folder` that was saved last. Throws Error(missing_input) if there is none.
std::string newest_run(const std::string& folder);

/// Path of the run among `path`, `path`-2, `path`-3, ... that was saved last; `path` where there is none.
std::string newest_of_name(const std::string& path);

/// Checkpoint that a run resumes from.
struct LastCheckpoint {
  Checkpoint checkpoint;
  TrainingState state;                ///< parsed from the checkpoint
  std::vector<std::string> warnings;  ///< why it is not the newest one; empty if it is
};

/// Loads the last checkpoint of a run. If that is damaged or missing, the previous one takes its place, and a damaged
/// best one is removed. Throws Error(data), Error(missing_input).
LastCheckpoint load_last(const RunFolder& run);

/// Roles of the checkpoint of this state, besides being the last one.
CheckpointRole role_of(const TrainingState& state, const TrainOptions& options);

/// Checks that a run can resume with this config and data. Throws Error(config) for options that differ from the
/// checkpoint's, naming the keys and the first tensor of another shape, and Error(data) for changed data unless
/// `data_may_change`. `run` is for messages.
void check_resumable(const Checkpoint& checkpoint, Config& config, const TrainingData& data, bool data_may_change,
                     const std::string& run);

}  // namespace unet
