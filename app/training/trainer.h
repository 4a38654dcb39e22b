#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/checkpoint/checkpoint.h"
#include "app/runtime/run_clock.h"
#include "app/training/device_prefetcher.h"
#include "app/training/learner.h"
#include "app/training/training_batches.h"
#include "app/training/training_data.h"
#include "app/training/training_observer.h"
#include "app/training/training_parts.h"
#include "app/training/validator.h"

namespace unet {

/// Saves a checkpoint of the given state, between two steps.
using SaveCheckpoint = std::function<void(const Checkpoint&, const TrainingState&)>;

/// Loads the best checkpoint so far. Throws Error.
using LoadBest = std::function<Checkpoint()>;

enum class TrainingEnd { finished, stopped_early, interrupted };

/// Trains one network: the loop over epochs, steps and validations. All its state is in a Checkpoint, so that a
/// restored trainer continues exactly where it stopped.
class Trainer {
 public:
  /// `config` must be resolved. It, `data` and `observer` must outlive the trainer. Without `load_best`, the last
  /// checkpoint is not compared with it.
  Trainer(const Config& config, const TrainingData& data, const Execution& execution, TrainingObserver& observer,
          SaveCheckpoint save, RunClock clock, LoadBest load_best = {});

  /// Copies the weights whose name and shape match; returns the names of the network's other tensors.
  std::vector<std::string> init_from(const TensorMap& weights);

  /// Continues from a checkpoint. Throws Error(data).
  void restore(const Checkpoint& checkpoint);

  /// Ends the training after a `share` of the steps done so far, in which the learning rate falls from its present
  /// value to 0, and saves that. A training that is being finished already continues with that. Returns false if it has
  /// ended with a low learning rate. Throws Error(usage) before the first step.
  bool finish(double share);

  /// Takes another train.time_budget for a restored training whose checkpoint was written with `before`, and saves
  /// that: the learning rate goes from its present value to that of the schedule of the new length. Early stopping
  /// starts again.
  void change_time_budget(const TrainOptions& before);

  /// Trains until the end, or until `stop_requested` returns true: then the current step is finished and saved.
  /// Throws Error(not_finite) before an update that would make the weights NaN or infinite.
  TrainingEnd run(const std::function<bool()>& stop_requested);

  Checkpoint checkpoint();
  TrainingState state() const { return parts_.state(progress_); }
  /// Whether every step and validation is done.
  bool is_finished() const { return at_end() && !progress_.validation_due && !comparison_due(); }
  int64_t total_steps() const { return parts_.total_steps(); }
  NetworkImpl& network() { return learner_.network(); }

 private:
  bool train_epoch(const std::function<bool()>& stop_requested);
  StepReport step(DevicePrefetcher& batches);
  StepResult step_in_parts(const StepBatches& batches, double lr);
  void skip_step(const std::string& fault);
  void advance(StepReport report);
  void plan(double step_seconds);
  bool validate(const std::function<bool()>& stop_requested);
  bool compare_with_best(const std::function<bool()>& stop_requested);
  std::optional<TensorMap> best_weights();
  void take_last_as_best();
  std::vector<SampleRef> samples_to_validate() const;
  double reserved_seconds() const;
  void save() { save_(checkpoint(), state()); }
  bool has_stopped_early() const { return parts_.early_stopping.stops() && !parts_.transition.is_finishing(); }
  bool at_end() const { return progress_.step >= total_steps() || has_stopped_early(); }
  bool comparison_due() const { return parts_.validation.compares() && !parts_.validation.is_compared(progress_.step); }

  const TrainOptions& options_;
  const TrainingData& data_;
  torch::Device device_;
  TrainingObserver& observer_;
  SaveCheckpoint save_;
  RunClock clock_;
  LoadBest load_best_;
  TrainingBatches batches_;
  Validator validator_;
  Learner learner_;
  TrainingParts parts_;
  TrainingProgress progress_;
  Checkpoint
      last_;  ///< the parts of a checkpoint that no other member holds: config, data fingerprint, scores, calibration
};

}  // namespace unet
