#include "models/losses/region_loss.h"

#include <torch/types.h>

#include <vector>

#include "configs/schema/ignore_label.h"

namespace unet {

void RegionLoss::fields(FieldVisitor& visit) {
  Loss::fields(visit);
  visit("per", per, "batch: sums over a micro-batch; image: sums over each image, then the mean over the images");
}

RegionSums RegionLoss::region_sums(const LossInput& input, bool is_squared) const {
  if (per == SumsPer::batch && !is_squared) {
    const ClassSums& sums = input.sums();
    return {sums.overlap.unsqueeze(0), sums.probability.unsqueeze(0), sums.truth.unsqueeze(0)};
  }
  const auto probability = input.log_probability().exp();
  const auto weight = input.target().pixel_weight().unsqueeze(1), truth = input.truth();
  const auto labeled = input.target().labels.ne(kIgnoreLabel).unsqueeze(1);
  const auto zero = torch::zeros({}, probability.options());
  const auto sum = [&](const torch::Tensor& values) {
    const auto sums = (values * weight).sum(std::vector<int64_t>{2, 3});
    return per == SumsPer::image ? sums : sums.sum(0, /*keepdim=*/true);
  };
  return {sum(torch::where(truth, probability, zero)),
          sum(torch::where(labeled, is_squared ? probability * probability : probability, zero)),
          sum(truth.to(torch::kFloat))};
}

torch::Tensor RegionLoss::by_region(const torch::Tensor& pixels) const {
  return pixels.reshape({per == SumsPer::image ? pixels.size(0) : 1, -1});
}

torch::Tensor RegionLoss::mean_over_classes(const LossInput& input, const torch::Tensor& loss,
                                            const torch::Tensor& truth, bool include_background) {
  auto counts = truth.gt(0).to(loss.scalar_type());
  if (!include_background) counts = counts * torch::arange(counts.size(1), counts.options()).gt(0);
  const auto of_region = (loss * counts).sum(1) / counts.sum(1).clamp_min(1);
  return input.mean_over_parts(of_region.mean());
}

}  // namespace unet
