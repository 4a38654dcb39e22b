#pragma once

#include <opencv2/core.hpp>

#include "data/dataset/sample_ref.h"

namespace unet {

/// Reads an image: HxWxC, C = 1, 3 (RGB) or 4 (RGBA), 8 or 16 bits per channel. Throws Error(missing_input),
/// Error(data).
cv::Mat read_image(const ImageSource& source);

/// Reads the label values of an image as the data set stores them, not yet class indices: HxW, CV_8UC1 or CV_16UC1.
/// Throws Error(missing_input), Error(data).
cv::Mat read_labels(const LabelSource& source);

/// A sample as it is stored.
struct RawSample {
  cv::Mat image;
  cv::Mat values;  ///< labels, not yet class indices
};

/// Reads image and labels. Throws as the two readers do, and Error(data) if the sizes differ.
RawSample read_sample(const SampleRef& sample);

/// Throws Error(data) if image and labels differ in size; the message names `sample`.
void check_sizes(const RawSample& raw, const SampleRef& sample);

}  // namespace unet
