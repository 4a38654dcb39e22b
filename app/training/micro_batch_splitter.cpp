#include "app/training/micro_batch_splitter.h"

#include "configs/schema/error.h"

namespace unet {

bool MicroBatchSplitter::split() {
  if (!halves_ || 2 * state_.parts > batch_size_) return false;
  state_.parts *= 2;
  return true;
}

std::string MicroBatchSplitter::warning(int64_t step) const {
  const int64_t samples = (batch_size_ + state_.parts - 1) / state_.parts;
  return concat("step ", step, ": out of memory; from now on at most ", samples,
                samples == 1 ? " sample is" : " samples are", " computed at once, with the same effective batch");
}

}  // namespace unet
