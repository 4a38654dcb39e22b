#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/checkpoint/checkpoint.h"
#include "app/evaluation/evaluator.h"
#include "app/runtime/run_clock.h"
#include "app/training/learner.h"
#include "app/training/position.h"
#include "app/training/step_gradients.h"
#include "app/training/time_plan.h"
#include "app/training/training_data.h"
#include "app/training/uploaded_batches.h"
#include "data/samples/loader.h"

namespace unet {

/// What one optimizer step gave.
struct StepReport {
  Position position;  ///< after the step
  int64_t steps_in_epoch = 0;
  int64_t total_steps = 0;
  double loss = 0;  ///< mean over the micro-batches
  double lr = 0;
  double gradient_norm = 0;  ///< before clipping
  int64_t images = 0;
  double seconds = 0;
  double waited_seconds = 0;  ///< of these, for data
  std::string left_out;       ///< why there was no update; "" where there was one
};

/// What one validation gave.
struct ValidationReport {
  Position position;      ///< says whether it is the best one
  double train_loss = 0;  ///< mean over the steps since the validation before
  double lr = 0;
  std::optional<Scores> scores;  ///< nothing where there are no validation images
  double seconds = 0;
};

/// Sees a training go by: records, pictures, progress.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void stepped(const StepReport&) {}
  virtual void predicted(const Position&, const SampleRef&, const Sample&, const cv::Mat& /*prediction*/) {}
  virtual void validated(const ValidationReport&) {}
  virtual void planned(const Position&, double /*elapsed_seconds*/) {}
  virtual void warned(int64_t /*step*/, const std::string&) {}
};

/// Keeps checkpoints; called with a complete one between two steps, whose position says whether it is the best.
using SaveCheckpoint = std::function<void(const Checkpoint&, const Position&)>;

enum class TrainingEnd { finished, stopped_early, interrupted };

/// Trains one network. All state is in a Checkpoint, so that a restored trainer goes on exactly.
class Trainer {
 public:
  /// `config` must be resolved and outlive the trainer, as must `observer`.
  Trainer(Config& config, const TrainingData& data, const Execution& execution, TrainingObserver& observer,
          SaveCheckpoint save, RunClock clock);

  /// Takes over weights whose name and shape fit; returns the names of the others.
  std::vector<std::string> init_from(const TensorMap& weights);

  /// Goes back to where the checkpoint was written. Throws Error(data).
  void restore(const Checkpoint& checkpoint);

  /// Trains until the end, or until `stop_requested` says so: then the present step is finished and saved.
  /// Throws Error(not_finite) before an update that would spoil the weights.
  TrainingEnd run(const std::function<bool()>& stop_requested);

  Checkpoint checkpoint();
  const Position& position() const { return position_; }
  int64_t total_steps() const;
  NetworkImpl& network() { return learner_.network(); }

 private:
  StepReport step(UploadedBatches& loaded);
  StepGradients add_gradients(StepBatches& batches);
  void leave_out(const std::string& fault);
  double average_decay();
  void advance(const StepReport& report);
  void plan(double step_seconds);
  double expected_validation_seconds();
  bool estimate_norm_statistics(const std::function<bool()>& stop_requested);
  bool validate(const std::function<bool()>& stop_requested);
  std::optional<Scores> score_validation_images(const std::function<bool()>& stop_requested, bool& stopped);
  double learning_rate() const;
  bool at_end() const { return position_.step >= total_steps() || position_.stopped_early; }

  const Config& config_;
  std::string config_text_;  ///< as the checkpoint holds it
  const TrainingData& data_;
  Execution execution_;
  TrainingObserver& observer_;
  SaveCheckpoint save_;
  Preprocessing preprocessing_;
  TrainingSet training_set_;
  LoaderPlan plan_;
  int64_t batches_per_epoch_;
  int64_t steps_per_epoch_;
  Learner learner_;
  Position position_;
  nlohmann::json scores_;
  RunClock clock_;
  std::optional<TimePlan> time_plan_;
  Pace pace_;
};

}  // namespace unet
