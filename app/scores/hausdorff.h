#pragma once

#include "app/scores/metric.h"

namespace unet {

/// Percentile in [0,100] of values, which must not be empty, with linear interpolation between two of them as in
/// numpy.percentile. Reorders the values.
double percentile(std::vector<float>& values, double percent);

/// Hausdorff-95 of each class in pixels: for each image, the 95th percentile of the Euclidean distances of the pixels
/// of the predicted outline (see mask_outline) to the true one, and of the true one to the predicted one; the larger of
/// the two; averaged over the images. It is undefined for an image where exactly one of mask and prediction has the
/// class; such images are counted. Images where neither has it say nothing about it. Source: Huttenlocher et al. 1993,
/// doi:10.1109/34.232073, with the percentile of Menze et al. 2015, doi:10.1109/TMI.2014.2377694.
std::unique_ptr<Metric> make_hausdorff(int64_t num_classes);

}  // namespace unet
