#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/samples/intensity_scale.h"

namespace unet {

// The range of each channel in an `IntensityScale`, for augmentations that need to know where black and white are.
// Images are float HxWxC.

/// Returns the lowest value of each channel: its black.
std::vector<double> lowest_values(const IntensityScale& scale, size_t channels);

/// Subtracts the lowest value of each channel.
void subtract_lowest(cv::Mat& image, const IntensityScale& scale);

/// Maps the range of each channel to [0,1]; a range of a single value is shifted to 0.
void to_unit_range(cv::Mat& image, const IntensityScale& scale);

/// Reverses `to_unit_range`.
void from_unit_range(cv::Mat& image, const IntensityScale& scale);

}  // namespace unet
