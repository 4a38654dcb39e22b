#include "app/planning/resolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "configs/schema/text.h"

namespace unet {
namespace {

constexpr int64_t kStep = 32;         // sides are multiples, which networks of depth 5 need not pad
constexpr int64_t kNarrowWidth = 16;  // by whose speed resolutions are compared
constexpr double kMaxCropsPerImage = 4;

double megapixels_of(int64_t height, int64_t width) { return static_cast<double>(height * width) / 1e6; }

int64_t rounded_side(double side) {
  return std::max<int64_t>(kStep, kStep * static_cast<int64_t>(std::lround(side / static_cast<double>(kStep))));
}

/// Pixels that belong together, along one side of the image.
double context_pixels(const DataFacts& data) {
  if (data.orientation.vertical.matters) return static_cast<double>(data.short_side);
  const ClassFacts* widest = data.widest();
  return widest == nullptr ? 0 : std::min(4 * widest->large_width, static_cast<double>(data.short_side));
}

/// How often each of `samples` of `megapixels` is seen in the time by a narrow network.
double passes(const PlanInput& input, double samples, double megapixels) {
  const double steps =
      kShareOfSteps * input.limits.time->seconds / input.machine.step_seconds(kNarrowWidth, 1, megapixels);
  return steps / std::max(1.0, samples);
}

/// Share of the possible score that this practice brings; half of it after five passes.
double practice(double passes) {
  constexpr double kHalf = 5;
  return passes / (passes + kHalf);
}

double detail(double mask_iou) { return std::pow(mask_iou, 4); }  // edges that a mask keeps are yet to be learned

double context(double seen, double needed) { return needed <= seen ? 1 : std::pow(seen / needed, 0.25); }

Resolution crops(const PlanInput& input, int64_t side) {
  const DataFacts& data = input.data;
  const ClassFacts* thinnest = data.thinnest();
  std::string reason = fmt::format("of images of {}x{} (median)", data.height, data.width);
  if (thinnest != nullptr && side < data.short_side)
    reason += fmt::format(", at full resolution: {} is {:.0f} pixels wide", thinnest->name, thinnest->width);
  return {false, side, side, reason};
}

}  // namespace

double distinct_samples(const DataFacts& data, double sample_megapixels) {
  const double crops = data.train_megapixels / std::max(1e-6, sample_megapixels);
  return static_cast<double>(data.train_images) * std::clamp(crops, 1.0, kMaxCropsPerImage);
}

int64_t choose_crop(const PlanInput& input) {
  constexpr int64_t kSmall = 160, kMedium = 384;
  const int64_t side = input.data.short_side;
  if (side <= kSmall) return std::max(kStep, (side + kStep - 1) / kStep * kStep);
  int64_t crop = side < 192 ? kSmall : side < kMedium ? 192 : 256;
  if (!input.is_timed()) return crop;
  constexpr int64_t kFewestSteps = 500, kSmallestCrop = 128, kBatch = 4;
  const auto steps = [&](int64_t pixels) {
    return kShareOfSteps * input.limits.time->seconds /
           input.machine.step_seconds(kNarrowWidth, kBatch, megapixels_of(pixels, pixels));
  };
  while (crop > kSmallestCrop && steps(crop) < kFewestSteps) crop -= 64;
  return std::max(crop, kSmallestCrop);
}

Resolution choose_resolution(const PlanInput& input) {
  constexpr double kEqualAspect = 1.2, kClearlyBetter = 1.03;
  constexpr double kSmallestSide = 128;
  const DataFacts& data = input.data;
  // Without a scene, what counts is the objects alone.
  const double least_iou = data.orientation.vertical.matters ? 0.85 : 0.95;
  const int64_t side = choose_crop(input);
  Resolution best = crops(input, side);
  const double needed = context_pixels(data);
  if (!input.is_timed() || data.aspect_spread > kEqualAspect || needed <= static_cast<double>(side)) return best;
  const double crop_megapixels = megapixels_of(side, side);
  const double crop_passes = passes(input, distinct_samples(data, crop_megapixels), crop_megapixels);
  double best_score = kClearlyBetter * practice(crop_passes) * context(static_cast<double>(side), needed);
  for (size_t s = 1; s < kScales.size(); ++s) {
    const double scale = kScales[s];
    if (scale * static_cast<double>(data.short_side) < kSmallestSide || data.mask_iou[s] < least_iou) break;
    const int64_t height = rounded_side(scale * static_cast<double>(data.height));
    const int64_t width = rounded_side(scale * static_cast<double>(data.width));
    const double seen = passes(input, static_cast<double>(data.train_images), megapixels_of(height, width));
    const double score = practice(seen) * detail(data.mask_iou[s]);
    if (score <= best_score) continue;
    best_score = score;
    best = {true, height, width,
            fmt::format("of {}x{}: {}; masks keep an IoU of {:.2f}, and each image is seen {}, where crops of "
                        "{}x{} would be seen {}",
                        data.height, data.width,
                        data.orientation.vertical.matters ? "the whole scene matters" : "structures are large",
                        data.mask_iou[s], counted(std::lround(seen), "time"), side, side,
                        counted(std::lround(crop_passes), "time"))};
  }
  return best;
}

}  // namespace unet
