#include "models/losses/lovasz_softmax.h"

#include <torch/types.h>

#include <vector>

#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

/// Derivative of the Lovász extension by each error, (R,pixels) float32. `errors` (R,pixels) is below 0 at pixels that
/// do not count; `truth` and `others` (R,pixels) are the weights of the pixels of the class and of all other pixels.
torch::Tensor jaccard_derivative(const torch::Tensor& errors, const torch::Tensor& truth, const torch::Tensor& others) {
  const auto order = std::get<1>(errors.sort(/*stable=*/true, /*dim=*/1, /*descending=*/true));
  const auto missed = truth.gather(1, order), added = others.gather(1, order);
  const auto total = truth.sum(1, /*keepdim=*/true);
  const auto intersection = (total - missed.cumsum(1)).to(torch::kFloat);
  const auto union_after = total + added.cumsum(1);
  const auto before = (union_after - added).to(torch::kFloat).clamp_min(1e-12);
  const auto after = union_after.to(torch::kFloat).clamp_min(1e-12);
  // 1 - intersection / union grows by this much with each pixel. The difference of the quotients would lose all digits.
  const auto growth = missed / after + intersection / before * (added / after);
  return torch::zeros_like(errors).scatter(1, order, growth);
}

}  // namespace

void LovaszSoftmax::fields(FieldVisitor& visit) {
  RegionLoss::fields(visit);
  visit("include_background", include_background, "whether class 0 counts");
}

torch::Tensor LovaszSoftmax::compute(const LossInput& input) const {
  const auto& target = input.target();
  const auto labels = by_region(target.labels), labeled = labels.ne(kIgnoreLabel);
  // Sums of integers are exact, and deterministic on CUDA.
  const auto weight = target.weight.defined() ? by_region(target.pixel_weight()) : labeled.to(torch::kLong);
  const auto& log_probability = input.log_probability();
  const auto zero = torch::zeros({}, log_probability.options());
  std::vector<torch::Tensor> losses, pixels;
  for (int64_t c = 0; c < log_probability.size(1); ++c) {
    const auto is_class = labels.eq(c);
    const auto truth = weight * is_class;
    pixels.push_back(truth.sum(1));
    if (c == 0 && !include_background) {
      losses.push_back(torch::zeros_like(pixels.back(), zero.options()));
      continue;
    }
    const auto probability = by_region(log_probability.select(1, c)).exp();
    const auto errors = torch::where(labeled, torch::where(is_class, 1 - probability, probability), zero);
    const auto order_errors = errors.detach().masked_fill(labeled.logical_not(), -1);
    losses.push_back((errors * jaccard_derivative(order_errors, truth, weight - truth)).sum(1));
  }
  return mean_over_classes(input, torch::stack(losses, 1), torch::stack(pixels, 1), include_background);
}

}  // namespace unet
