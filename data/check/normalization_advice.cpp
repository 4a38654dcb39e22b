#include "data/check/normalization_advice.h"

#include <algorithm>

#include "data/dataset/intensity.h"

namespace unet {
namespace {

/// Whether, in most channels, the means of the images vary more than the values within the images do.
bool exposure_varies(const Dataset& data, const std::vector<size_t>& images, int64_t channels) {
  constexpr size_t kMinImages = 3;
  if (images.size() < kMinImages) return false;
  struct Sums {
    double mean = 0, square = 0, variance = 0;
  };
  std::vector<Sums> sums(static_cast<size_t>(channels));
  for (const size_t i : images) {
    const std::vector<ChannelIntensity> intensity = intensity_of(data.scan, {i}, channels);
    for (size_t c = 0; c < sums.size(); ++c) {
      sums[c].mean += intensity[c].mean;
      sums[c].square += intensity[c].mean * intensity[c].mean;
      sums[c].variance += intensity[c].deviation * intensity[c].deviation;
    }
  }
  const auto count = static_cast<double>(images.size());
  const auto varying = std::count_if(sums.begin(), sums.end(), [&](const Sums& sum) {
    return sum.square / count - sum.mean * sum.mean / (count * count) > sum.variance / count;
  });
  return 2 * varying > channels;
}

bool has_outliers(const ChannelIntensity& channel) {
  constexpr double kFar = 20;  // standard deviations
  const double farthest = std::max(channel.highest - channel.mean, channel.mean - channel.lowest);
  return channel.deviation > 0 && farthest > kFar * channel.deviation;
}

}  // namespace

NormalizationAdvice advise_normalization(const Dataset& data, const std::vector<size_t>& images, int64_t channels) {
  if (images.empty()) return {};
  const std::vector<ChannelIntensity> intensity = intensity_of(data.scan, images, channels);
  if (exposure_varies(data, images, channels))
    return {Normalize::per_image, "exposure differs more between images than values do within one"};
  if (std::any_of(intensity.begin(), intensity.end(), has_outliers))
    return {Normalize::percentile, "a few values lie more than 20 standard deviations from the mean"};
  return {Normalize::dataset, "by mean and standard deviation of the training images"};
}

}  // namespace unet
