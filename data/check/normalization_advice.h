#pragma once

#include <string>
#include <vector>

#include "data/dataset/open_dataset.h"

namespace unet {

/// A value of data.normalize and why it suits the images.
struct NormalizationAdvice {
  Normalize normalize = Normalize::dataset;
  std::string reason;
};

/// Suggests `per_image` where the means of the images differ by more than the values within an image, `percentile`
/// where a few values lie more than 20 standard deviations from the mean, else `dataset`. `images`: indices of usable
/// samples.
NormalizationAdvice advise_normalization(const Dataset& data, const std::vector<size_t>& images, int64_t channels);

}  // namespace unet
