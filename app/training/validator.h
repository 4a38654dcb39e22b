#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/evaluation/evaluator.h"
#include "app/runtime/run_clock.h"
#include "app/scores/temperature.h"
#include "app/training/learner.h"
#include "app/training/training_batches.h"
#include "app/training/training_data.h"
#include "app/training/training_state.h"

namespace unet {

/// Scores the validation images during a training, with the weights that prediction will use.
class Validator {
 public:
  struct Result {
    bool stopped = false;                      ///< whether `stop_requested` ended it early
    std::optional<Scores> scores;              ///< nullopt if stopped, and without validation images
    std::optional<Calibration> calibration{};  ///< nullopt also without train.temperature_scaling
    double seconds = 0;                        ///< time for the samples, without that for norm statistics
  };
  using Predicted = std::function<void(const SampleRef&, const Sample&, const cv::Mat& prediction)>;

  /// `data` and `batches` must outlive the validator.
  Validator(const Config& config, const TrainingData& data, const TrainingBatches& batches, const Execution& execution,
            RunClock clock);

  /// Scores the averaged weights if there are any, on `samples`. If `needs_norm_statistics`, their BatchNorm statistics
  /// are estimated first.
  Result run(Learner& learner, const TrainingProgress& progress, bool needs_norm_statistics,
             const std::vector<SampleRef>& samples, const std::function<bool()>& stop_requested,
             const Predicted& predicted) const;

  /// Scores `weights` instead, e.g. those of an earlier checkpoint; null: the network's own.
  Result score(Learner& learner, const TensorMap* weights, const std::vector<SampleRef>& samples,
               const std::function<bool()>& stop_requested, const Predicted& predicted) const;

  /// Measures the time that an image takes in a validation, in seconds, with up to two images after a first one.
  double seconds_per_image(Learner& learner) const;

  int64_t channels() const { return preprocessing_.channels(); }

 private:
  bool estimate_statistics(Learner& learner, const TrainingProgress& progress,
                           const std::function<bool()>& stop_requested) const;

  uint64_t seed_;
  std::vector<std::string> class_names_;
  std::vector<std::string> metrics_;
  int64_t num_outputs_;  ///< classes of the network
  bool fits_temperature_;
  const TrainingData& data_;
  const TrainingBatches& batches_;
  Execution execution_;
  Preprocessing preprocessing_;
  RunClock clock_;
};

}  // namespace unet
