#pragma once

#include "app/scores/metric.h"

namespace unet {

/// Largest distance in pixels at which boundary pixels of an image match: 0.75% of its diagonal, at least 1.
double boundary_tolerance(cv::Size size);

/// Boundary F1 of each class: 2PR / (P + R). P is the share of the predicted boundary pixels (see class_boundary)
/// within boundary_tolerance of a true one, R the share of the true ones within it of a predicted one; both are counted
/// over the whole set. In [0,1]; undefined for a class without true boundary pixels. Source: Csurka et al. 2013, "What
/// is a good evaluation measure for semantic segmentation?", doi:10.5244/C.27.32, where the shares are taken for each
/// image.
std::unique_ptr<Metric> make_boundary_f1(int64_t num_classes);

}  // namespace unet
