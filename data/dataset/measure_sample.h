#pragma once

#include <opencv2/core.hpp>

#include "data/dataset/sample_scan.h"

namespace unet {

/// Measures a sample, or a rectangle of one. Image and labels have equal sizes. Throws Error(data) for a mask of too
/// many values.
void measure_sample(const RawSample& raw, bool wants_objects, SampleScan& found);

/// Returns the image in which near duplicates are looked for: gray of RGB and RGBA, else the first channel.
cv::Mat comparable_gray(const Image& image);

}  // namespace unet
