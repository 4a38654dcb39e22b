#include "app/training/step_batches.h"

#include "configs/schema/suggest.h"

namespace unet {

std::string first_names(const std::vector<std::string>& names) {
  constexpr size_t kMostShown = 8;
  if (names.size() <= kMostShown) return join(names);
  return join({names.begin(), names.begin() + kMostShown}) + ", ...";
}

int64_t StepBatches::images() const {
  int64_t sum = 0;
  for (const Batch& batch : taken_) sum += batch.images.size(0);
  return sum;
}

std::string StepBatches::names() const {
  std::vector<std::string> all;
  for (const Batch& batch : taken_) all.insert(all.end(), batch.names.begin(), batch.names.end());
  return first_names(all);
}

}  // namespace unet
