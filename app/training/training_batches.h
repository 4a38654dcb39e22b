#pragma once

#include <vector>

#include "app/config/config.h"
#include "app/runtime/execution.h"
#include "data/samples/loader.h"

namespace unet {

/// The training set, divided into epochs, optimizer steps and micro-batches.
class TrainingBatches {
 public:
  /// `config` must outlive this.
  TrainingBatches(const Config& config, const std::vector<SampleRef>& samples, const Execution& execution);

  int64_t steps_per_epoch() const { return (batches_per_epoch_ + accumulate_ - 1) / accumulate_; }

  /// Number of micro-batches in a step; fewer in the last one of an epoch.
  int64_t micro_batches(int64_t step_in_epoch) const;

  /// Loads the micro-batches of an epoch, beginning with those of one of its steps.
  Loader load(int64_t epoch, int64_t step_in_epoch = 0) const;

 private:
  TrainingSet set_;
  LoaderPlan plan_;
  int64_t accumulate_;
  int64_t batches_per_epoch_;
};

}  // namespace unet
