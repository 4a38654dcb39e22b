#pragma once

#include <opencv2/core.hpp>

#include "data/dataset/sample.h"

namespace unet {

/// The two files of a pair as they are stored: `read_image`, `read_mask_values`.
struct RawPair {
  cv::Mat image;
  cv::Mat values;  ///< of the mask, not yet classes
};

/// Throws as the two readers, and Error(data) when the sizes differ.
RawPair read_pair(const Pair& pair);

/// Throws Error(data) when image and mask differ in size; `pair` is for the message.
void check_sizes(const RawPair& raw, const Pair& pair);

}  // namespace unet
