#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset/open_dataset.h"

namespace unet {

/// Returns the repeat factor of each image: the largest max(1, sqrt(threshold / f)) of its classes, where f is the
/// fraction of the images that have the class; 1 for an image without labels. `classes` has the classes of each image.
/// Source: Gupta et al. 2019, arXiv:1908.03195, section 4.3, at the level of images.
std::vector<double> repeat_factors(const std::vector<std::vector<int64_t>>& classes, int64_t num_classes,
                                   double threshold);

/// Sets SampleRef::weight of the training samples to what `data.sampling` says; nothing for `uniform`. Adds a line to
/// the decisions, or a problem if the data set has no weights to sample by.
void resolve_sampling(Dataset& dataset);

}  // namespace unet
