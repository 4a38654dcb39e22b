#include "app/training/step_batches.h"

#include <torch/types.h>

#include "configs/schema/suggest.h"

namespace unet {

StepBatches::StepBatches(const std::function<Batch()>& next, int64_t count) {
  batches_.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) batches_.push_back(next());
}

int64_t StepBatches::images() const {
  int64_t sum = 0;
  for (const Batch& batch : batches_) sum += batch.images.size(0);
  return sum;
}

std::string StepBatches::names() const {
  std::vector<std::string> all;
  for (const Batch& batch : batches_) all.insert(all.end(), batch.names.begin(), batch.names.end());
  return first_names(all);
}

std::string first_names(const std::vector<std::string>& names) {
  constexpr size_t kMaxShown = 8;
  if (names.size() <= kMaxShown) return join(names);
  return join({names.begin(), names.begin() + kMaxShown}) + ", ...";
}

}  // namespace unet
