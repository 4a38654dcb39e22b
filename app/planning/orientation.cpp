#include "app/planning/orientation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace unet {
namespace {

constexpr size_t kFewestImages = 4;
constexpr double kShareDistance = 0.2, kOneSided = 0.6, kBrightness = 0.5;

/// Mean of some values, in standard errors of that mean; 0 if all are 0.
double standard_errors(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0, square = 0;
  for (const double value : values) mean += value / n;
  for (const double value : values) square += (value - mean) * (value - mean);
  const double error = std::sqrt(square / (n - 1) / n);
  constexpr double kCertain = 1e9;
  return error > 0 ? std::abs(mean) / error : mean == 0 ? 0 : kCertain;
}

using FirstHalf = std::function<int64_t(const ClassPixels&)>;

/// Sets the two numbers about labels. Returns whether some class differs significantly.
bool compare_labels(HalfDifference& result, const std::vector<SampleLook>& looks, const FirstHalf& first,
                    double needed) {
  double distance = 0, labeled = 0;
  bool differs = false;
  const size_t classes = looks.front().pixels.size();
  for (size_t c = 0; c < classes; ++c) {
    std::vector<double> differences;
    double one = 0, both = 0;
    for (const SampleLook& look : looks) {
      const ClassPixels& count = look.pixels[c];
      const auto a = static_cast<double>(first(count)), b = static_cast<double>(count.all) - a;
      differences.push_back(a - b);
      one += a - b;
      both += a + b;
    }
    distance += std::abs(one);
    labeled += both;
    if (both == 0 || standard_errors(differences) < needed) continue;
    differs = true;
    result.one_class = std::max(result.one_class, std::abs(one) / both);
  }
  result.labels = labeled > 0 ? distance / labeled : 0;
  return differs;
}

HalfDifference compare(const std::vector<SampleLook>& looks, const FirstHalf& first,
                       const std::function<double(const SampleLook&)>& brighter, const std::string& halves) {
  HalfDifference result;
  if (looks.size() < kFewestImages) {
    result.reason = fmt::format("too few images to tell {} apart: {}", halves, looks.size());
    return result;
  }
  const double needed = 4 + 12 / static_cast<double>(looks.size());
  const bool labels_differ = compare_labels(result, looks, first, needed);
  std::vector<double> brightness;
  for (const SampleLook& look : looks) brightness.push_back(brighter(look));
  for (const double value : brightness) result.brightness += value / static_cast<double>(brightness.size());
  const bool is_brighter = std::abs(result.brightness) > kBrightness && standard_errors(brightness) > needed;
  const bool by_labels = labels_differ && (result.labels > kShareDistance || result.one_class > kOneSided);
  result.matters = by_labels || is_brighter;
  result.reason =
      fmt::format("{} {}: class shares differ by {:.2f}, brightness by {:.2f} deviations", halves,
                  result.matters ? "are told apart" : "look alike", result.labels, std::abs(result.brightness));
  return result;
}

}  // namespace

Orientation compare_halves(const std::vector<SampleLook>& looks) {
  return {compare(
              looks, [](const ClassPixels& count) { return count.upper; },
              [](const SampleLook& look) { return look.brighter_above; }, "up and down"),
          compare(
              looks, [](const ClassPixels& count) { return count.left; },
              [](const SampleLook& look) { return look.brighter_left; }, "left and right")};
}

}  // namespace unet
