#pragma once

#include <optional>
#include <string>

#include "app/scores/scores.h"
#include "app/scores/temperature.h"
#include "app/training/training_state.h"
#include "data/dataset/sample.h"
#include "data/dataset/sample_ref.h"

namespace unet {

/// Result of one optimizer step.
struct StepReport {
  TrainingState state;  ///< state after the step
  int64_t steps_in_epoch = 0;
  int64_t total_steps = 0;
  int64_t validate_every = 0;  ///< steps between two validations
  double loss = 0;             ///< mean over the micro-batches
  double lr = 0;
  double gradient_norm = 0;  ///< norm before clipping
  int64_t images = 0;
  double seconds = 0;
  double waited_seconds = 0;  ///< part of `seconds` spent waiting for data
  std::string skipped;        ///< why the weights were not updated; "" if they were
};

/// Result of one validation.
struct ValidationReport {
  TrainingState state;    ///< state after the validation; says whether it is the best one
  double train_loss = 0;  ///< mean over the steps since the previous validation
  double lr = 0;
  std::optional<Scores> scores;              ///< nullopt without validation images
  std::optional<Calibration> calibration{};  ///< nullopt also without train.temperature_scaling
  int64_t images = 0;                        ///< number of images scored; 0: all
  double seconds = 0;
};

/// Result of the comparison of the last checkpoint with the best one so far.
struct ComparisonReport {
  TrainingState state;  ///< state after the comparison; says which one is the best
  int64_t images = 0;   ///< number of images scored
  double last_score = 0;
  int64_t earlier_step = 0;  ///< step of the best one so far; the last step if that is the same
  double earlier_score = 0;
  double seconds = 0;
};

/// Receives what happens in a training, for records, pictures and progress.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void stepped(const StepReport&) {}
  virtual void predicted(const SampleRef&, const Sample&, const cv::Mat& /*prediction*/) {}
  virtual void validated(const ValidationReport&) {}
  virtual void compared(const ComparisonReport&) {}
  virtual void planned(const TrainingState&, double /*elapsed_seconds*/) {}
  virtual void warned(int64_t /*step*/, const std::string&) {}
};

}  // namespace unet
