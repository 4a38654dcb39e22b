#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset/scan.h"

namespace unet {

/// One channel of some images, over all their pixels, of values scaled to [0,1].
struct ChannelIntensity {
  double mean = 0;
  double deviation = 0;  ///< standard deviation
  double lowest = 0;
  double highest = 0;
};

/// Of the images with these indices, at least one and all usable, once they have `channels` channels: 1 grey,
/// 3 RGB, 4 RGB and alpha (opaque where the file has none).
std::vector<ChannelIntensity> intensity_of(const DataScan& scan, const std::vector<size_t>& images, int64_t channels);

}  // namespace unet
