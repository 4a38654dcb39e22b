#include "models/losses/target.h"

#include <vector>

#include "configs/schema/ignore_label.h"

namespace unet {

torch::Tensor Target::pixel_weight() const {
  const auto labeled = labels.ne(kIgnoreLabel);
  if (!weight.defined()) return labeled.to(torch::kFloat);
  // where() instead of a product, so that a weight that is not finite does not count at an ignored pixel.
  return torch::where(labeled, weight.to(torch::kFloat), torch::zeros({}, labels.options().dtype(torch::kFloat)));
}

torch::Tensor Target::class_weight(int64_t num_classes) const {
  if (labels.device().is_cpu()) {
    const auto weights = weight.defined() ? weight.to(torch::kDouble).reshape({-1}) : torch::Tensor();
    return torch::bincount(labels.reshape({-1}), weights, kIgnoreLabel + 1).slice(0, 0, num_classes).to(torch::kDouble);
  }
  // On CUDA bincount waits for the device, and throws if algorithms must be deterministic.
  const auto weights = pixel_weight();
  const auto zero = torch::zeros({}, weights.options());
  std::vector<torch::Tensor> sums;
  for (int64_t c = 0; c < num_classes; ++c)
    sums.push_back(torch::where(labels.eq(c), weights, zero).sum(torch::kDouble));
  return torch::stack(sums);
}

}  // namespace unet
