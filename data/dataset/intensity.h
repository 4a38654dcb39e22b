#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset/scan.h"

namespace unet {

/// Intensity of one channel over the valid pixels of some images, values scaled to [0,1] (32 bits: as they are).
struct ChannelIntensity {
  double mean = 0;
  double deviation = 0;  ///< standard deviation
  double lowest = 0;
  double highest = 0;
};

/// Returns the intensity of each channel of the images with these indices (at least one, all usable) after conversion
/// to `channels` channels: 1: gray, 3: RGB, 4: RGBA (opaque if the file has no alpha).
std::vector<ChannelIntensity> intensity_of(const DataScan& scan, const std::vector<size_t>& images, int64_t channels);

}  // namespace unet
