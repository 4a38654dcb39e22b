#pragma once

#include <opencv2/core.hpp>

#include "configs/schema/boundary_weights.h"

namespace unet {

/// Returns the weight map of a mask of class indices: CV_32FC1 of its size. The objects are the connected components
/// (8 neighbors) of each class but 0; distances run between pixel centers and are 0 inside an object, so with fewer
/// than two objects all weights are 1. Pixels with kIgnoreLabel belong to no object. Exact up to terms below
/// w0 exp(-18). The time does not depend on the number of objects.
cv::Mat boundary_map(const cv::Mat& mask, const BoundaryWeights& weights);

}  // namespace unet
