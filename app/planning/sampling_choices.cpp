#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/planning/choices.h"
#include "app/planning/resolution.h"
#include "configs/schema/text.h"
#include "configs/schema/writer.h"

namespace unet {
namespace {

/// Whether the user asks for what only crops can have.
bool needs_crops(const Config& draft) {
  const auto values = option_values(draft);
  const auto forced = values.find("data.forced_foreground");
  return forced != values.end() && forced->second != "0";
}

std::optional<Proposal> choose_size_policy(const PlanInput& input, const Config& draft) {
  if (needs_crops(draft)) return Proposal{"crop", "data.forced_foreground needs crops"};
  const Resolution resolution = choose_resolution(input);
  return Proposal{resolution.is_resized ? "resize" : "crop",
                  resolution.is_resized ? "whole images, seen smaller" : "parts of images, at their own resolution"};
}

std::optional<Proposal> choose_size(const PlanInput& input, const Config& draft) {
  if (draft.data.size_policy == SizePolicy::pad) return {};
  const Resolution resolution = choose_resolution(input);
  const bool is_resized = draft.data.size_policy == SizePolicy::resize;
  if (is_resized && !resolution.is_resized) return {};  // the user's policy
  if (!is_resized && resolution.is_resized) {
    const int64_t side = choose_crop(input);
    return Proposal{fmt::format("[{0}, {0}]", side), "crops were asked for"};
  }
  return Proposal{fmt::format("[{}, {}]", resolution.height, resolution.width), resolution.reason};
}

/// Four samples; two where too few steps would fit, more where there are plenty.
std::optional<Proposal> choose_batch(const PlanInput& input, const Config& draft) {
  constexpr double kFewSteps = 400, kManySteps = 10000;
  if (!input.is_timed()) return Proposal{"4", "many small steps"};
  Config tried = draft;
  tried.model.base_channels = 16;
  const auto steps = [&](int64_t batch) {
    tried.train.batch_size = batch;
    return expected_steps(input, tried);
  };
  int64_t batch = steps(4) < kFewSteps ? 2 : 4;
  while (batch >= 4 && batch < 16 && steps(batch) > kManySteps) batch *= 2;
  return Proposal{std::to_string(batch),
                  "in the time, a narrow network makes about " + counted(std::lround(steps(batch)), "step")};
}

/// An epoch is long enough that reading its first batch costs little, and a large image gives several crops.
std::optional<Proposal> choose_samples_per_image(const PlanInput& input, const Config& draft) {
  if (!input.limits.time) return {};  // train.epochs counts passes over the images
  constexpr double kStepsPerEpoch = 50, kMostCrops = 4, kMost = 1000;
  const auto images = static_cast<double>(std::max<int64_t>(1, input.data.train_images));
  const double batch = static_cast<double>(draft.train.batch_size * draft.train.accumulate);
  const bool is_cropped = draft.data.size_policy == SizePolicy::crop;
  const double crops =
      is_cropped ? std::min(kMostCrops, input.data.train_megapixels / std::max(1e-6, sample_megapixels(draft))) : 1;
  const auto samples = static_cast<int64_t>(
      std::clamp(std::max(std::ceil(kStepsPerEpoch * batch / images), std::round(crops)), 1.0, kMost));
  return Proposal{std::to_string(samples),
                  fmt::format("{} in epochs of {}", counted(input.data.train_images, "training image"),
                              counted(std::lround(std::ceil(images * static_cast<double>(samples) / batch)), "step"))};
}

std::optional<Proposal> choose_normalize(const PlanInput& input, const Config&) {
  return Proposal{enum_name(input.data.normalization.normalize), input.data.normalization.reason};
}

/// Share of crops that show a rare class.
std::optional<Proposal> choose_forced_foreground(const PlanInput& input, const Config& draft) {
  constexpr double kRare = 0.05, kSmallPart = 0.5;
  const ClassFacts* rarest = input.data.rarest();
  const bool is_cropped =
      draft.data.size_policy == SizePolicy::crop && sample_megapixels(draft) < kSmallPart * input.data.train_megapixels;
  if (rarest == nullptr || rarest->share >= kRare || !is_cropped) return {};
  return Proposal{"0.33",
                  fmt::format("{} has {:.2g}% of the pixels, and a crop {:.0f}% of an image", rarest->name,
                              100 * rarest->share, 100 * sample_megapixels(draft) / input.data.train_megapixels)};
}

}  // namespace

std::vector<PlannerChoice> sampling_choices() {
  return {{"data.size_policy", choose_size_policy}, {"data.size", choose_size},
          {"train.batch_size", choose_batch},       {"data.samples_per_image", choose_samples_per_image},
          {"data.normalize", choose_normalize},     {"data.forced_foreground", choose_forced_foreground}};
}

}  // namespace unet
