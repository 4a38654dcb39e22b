#include "data/dataset/intensity.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace unet {
namespace {

constexpr size_t kAlpha = 3;

bool is_rgb(const DataScan& scan, size_t image) { return scan.channels[image] - (scan.has_alpha[image] ? 1 : 0) == 3; }

/// Returns the index in the scan's lists of channel `c` of an image after conversion to `channels` channels.
size_t stored_channel(const DataScan& scan, size_t image, int64_t channels, size_t c) {
  const auto stored = static_cast<size_t>(scan.channels[image]);
  if (stored == 1) return 0;
  return channels == 1 && is_rgb(scan, image) ? stored : c;  // the gray version follows the channels
}

ChannelIntensity intensity_of_channel(const DataScan& scan, const std::vector<size_t>& images, int64_t channels,
                                      size_t c) {
  double sum = 0, square = 0, pixels = 0;
  ChannelIntensity result;
  result.lowest = std::numeric_limits<double>::infinity();
  result.highest = -result.lowest;
  for (const size_t i : images) {
    const auto area = static_cast<double>(scan.sizes[i].area() - scan.invalid[i]);
    const bool opaque = c == kAlpha && channels == 4 && scan.channels[i] < 4;
    const size_t at = stored_channel(scan, i, channels, c);
    sum += opaque ? area : scan.sums[i][at];
    square += opaque ? area : scan.square_sums[i][at];
    result.lowest = std::min(result.lowest, opaque ? 1 : scan.lowest[i][at]);
    result.highest = std::max(result.highest, opaque ? 1 : scan.highest[i][at]);
    pixels += area;
  }
  if (pixels == 0) return {};
  result.mean = sum / pixels;
  result.deviation = std::sqrt(std::max(0.0, square / pixels - result.mean * result.mean));
  return result;
}

}  // namespace

std::vector<ChannelIntensity> intensity_of(const DataScan& scan, const std::vector<size_t>& images, int64_t channels) {
  std::vector<ChannelIntensity> result;
  for (size_t c = 0; c < static_cast<size_t>(channels); ++c)
    result.push_back(intensity_of_channel(scan, images, channels, c));
  return result;
}

}  // namespace unet
