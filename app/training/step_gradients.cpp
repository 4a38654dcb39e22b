#include "app/training/step_gradients.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "configs/schema/suggest.h"

namespace unet {
namespace {

/// The first names, and "..." where there are more.
std::string first_names(const std::vector<std::string>& names) {
  constexpr size_t kMostShown = 8;
  if (names.size() <= kMostShown) return join(names);
  return join({names.begin(), names.begin() + kMostShown}) + ", ...";
}

}  // namespace

const Batch& StepBatches::at(int64_t index) {
  while (static_cast<int64_t>(taken_.size()) <= index) taken_.push_back(next_());
  return taken_[static_cast<size_t>(index)];
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

StepGradients add_step_gradients(Learner& learner, StepBatches& batches, int64_t parts,
                                 const std::function<uint64_t(int64_t)>& seed) {
  StepGradients result;
  std::vector<std::vector<torch::Tensor>> losses;  // of each micro-batch; read when the device has everything to do
  for (int64_t i = 0; i < batches.count(); ++i) {
    const Batch& batch = batches.at(i);
    torch::manual_seed(seed(i));
    const auto images = batch.images.chunk(parts), labels = batch.labels.chunk(parts);
    losses.emplace_back();
    for (size_t part = 0; part < images.size(); ++part) {
      const double of_step =
          static_cast<double>(batches.count() * batch.images.size(0)) / static_cast<double>(images[part].size(0));
      losses.back().push_back(learner.add_gradients(images[part], labels[part], of_step));
    }
  }
  result.norm = learner.clip_gradients();
  for (int64_t i = 0; i < batches.count(); ++i) {
    double loss = 0;
    for (const torch::Tensor& share : losses[static_cast<size_t>(i)]) loss += share.item<double>();
    result.loss += loss;
    if (std::isfinite(loss)) continue;
    result.fault = concat("the loss is ", loss, " for the batch of ", first_names(batches.at(i).names));
    return result;
  }
  if (!std::isfinite(result.norm))
    result.fault = concat("the gradient is not finite in ", first_names(learner.optimizer().not_finite()),
                          " for the batch of ", batches.names());
  return result;
}

}  // namespace unet
