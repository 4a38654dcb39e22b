#include "app/training/training_batches.h"

#include <algorithm>

#include "app/training/training_data.h"

namespace unet {

TrainingBatches::TrainingBatches(const Config& config, const std::vector<SampleRef>& samples,
                                 const Execution& execution)
    : set_(training_set(config, samples)),
      plan_(loader_plan(config, execution)),
      accumulate_(config.train.accumulate),
      batches_per_epoch_(batches_per_epoch(set_, plan_)) {}

int64_t TrainingBatches::micro_batches(int64_t step_in_epoch) const {
  return std::min(accumulate_, batches_per_epoch_ - step_in_epoch * accumulate_);
}

Loader TrainingBatches::load(int64_t epoch, int64_t step_in_epoch) const {
  return Loader(set_, plan_, epoch, step_in_epoch * accumulate_);
}

}  // namespace unet
