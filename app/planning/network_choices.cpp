#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/planning/choices.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

constexpr int64_t kNarrowest = 8, kUsualWidth = 16;

/// One level for each halving that leaves the deepest one at least 6 pixels, at most 5.
std::optional<Proposal> choose_depth(const PlanInput&, const Config& draft) {
  constexpr double kDeepestSide = 6;
  const auto side = static_cast<double>(std::min(draft.data.size.at(0), draft.data.size.at(1)));
  const int64_t depth = std::clamp<int64_t>(static_cast<int64_t>(std::log2(side / kDeepestSide)), 2, 5);
  return Proposal{std::to_string(depth), fmt::format("{:.0f} pixels at the deepest level; deep levels are cheap",
                                                     side / std::pow(2, static_cast<double>(depth)))};
}

/// Narrow first: wider only while each sample is still seen often enough and there are many steps.
std::optional<Proposal> choose_width(const PlanInput& input, const Config& draft) {
  constexpr double kPasses = 40, kSteps = 1000, kTooFewSteps = 150;
  if (!input.is_timed()) return Proposal{std::to_string(kUsualWidth), "narrow networks learn the most per minute"};
  Config tried = draft;
  const auto steps = [&](int64_t width) {
    tried.model.base_channels = width;
    return expected_steps(input, tried);
  };
  int64_t width = kUsualWidth;
  if (steps(width) < kTooFewSteps) width = kNarrowest;
  for (const int64_t wider : {24, 32, 48, 64}) {
    if (width == kNarrowest || steps(wider) < kSteps || expected_passes(input, tried) < kPasses) break;
    width = wider;
  }
  steps(width);
  const double passes = expected_passes(input, tried);
  return Proposal{std::to_string(width),
                  fmt::format("each part of the images is seen about {}; wider networks from {:.0f} times on",
                              counted(std::lround(passes), "time"), kPasses)};
}

std::optional<Proposal> choose_max_channels(const PlanInput&, const Config& draft) {
  return Proposal{std::to_string(16 * draft.model.base_channels), "keeps the deepest level small"};
}

/// Normalization over a batch needs several samples or many pixels.
std::optional<Proposal> choose_norm(const PlanInput&, const Config& draft) {
  const double pixels = 1e6 * sample_megapixels(draft) * static_cast<double>(draft.train.batch_size) /
                        std::pow(4, static_cast<double>(draft.model.depth));
  constexpr double kEnough = 64;
  if (pixels < kEnough)
    return Proposal{"group", fmt::format("a batch has only {:.0f} pixels at the deepest level", pixels)};
  return Proposal{"batch", fmt::format("the fastest; a batch has {:.0f} pixels at the deepest level", pixels)};
}

}  // namespace

std::vector<PlannerChoice> network_choices() {
  return {{"model.depth", choose_depth},
          {"model.base_channels", choose_width},
          {"model.max_channels", choose_max_channels},
          {"model.norm", choose_norm}};
}

}  // namespace unet
