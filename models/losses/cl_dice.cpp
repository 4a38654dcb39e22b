#include "models/losses/cl_dice.h"

#include <torch/types.h>

#include <vector>

#include "configs/schema/ignore_label.h"
#include "models/losses/soft_skeleton.h"

namespace unet {

void ClDiceLoss::fields(FieldVisitor& visit) {
  RegionLoss::fields(visit);
  visit("iterations", iterations,
        "erosions of the skeleton: the radius of the thickest structures, pixels; time and memory grow with them",
        in_range(1, 100));
  visit("smooth", smooth, "smoothing constant added to numerators and denominators, pixels", at_least(0));
}

torch::Tensor ClDiceLoss::compute(const LossInput& input) const {
  const auto foreground = [](const torch::Tensor& classes) { return classes.slice(1, 1); };
  const auto labeled = input.target().labels.ne(kIgnoreLabel).unsqueeze(1);
  const auto weight = input.target().pixel_weight().unsqueeze(1);
  const auto probability = foreground(input.log_probability()).exp();
  const auto predicted = torch::where(labeled, probability, torch::zeros({}, probability.options())).contiguous();
  const auto truth = foreground(input.truth()).to(torch::kFloat).contiguous();
  const auto predicted_skeleton = soft_skeleton(predicted, iterations),
             true_skeleton = soft_skeleton(truth, iterations);
  const auto sum = [&](const torch::Tensor& values) {
    const auto sums = (values * weight).sum(std::vector<int64_t>{2, 3});
    return per == SumsPer::image ? sums : sums.sum(0, /*keepdim=*/true);
  };
  const auto share = [&](const torch::Tensor& skeleton, const torch::Tensor& mask) {
    return (sum(skeleton * mask) + smooth) / (sum(skeleton) + smooth).clamp_min(1e-12);
  };
  const auto precision = share(predicted_skeleton, truth), sensitivity = share(true_skeleton, predicted);
  const auto cl_dice = 2 * precision * sensitivity / (precision + sensitivity).clamp_min(1e-12);
  return mean_over_classes(input, 1 - cl_dice, sum(truth), /*include_background=*/true);
}

}  // namespace unet
