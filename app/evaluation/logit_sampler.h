#pragma once

#include <torch/types.h>

#include <cstdint>
#include <opencv2/core.hpp>

#include "app/scores/temperature.h"

namespace unet {

/// Draws pixels from the images of an evaluation for temperature scaling, the same ones each time. Takes about as many
/// from each image, at most 32768 pixels and 2^19 logits in all. Ignored pixels are left out.
class LogitSampler {
 public:
  /// `images`: number of images to come; `num_classes` at least 2.
  LogitSampler(uint64_t seed, int64_t images, int64_t num_classes);

  /// Draws pixels of image `index`: truth HxW CV_8UC1, logits (1,C,H,W).
  void add(size_t index, const cv::Mat& truth, const torch::Tensor& logits);

  const LogitSample& sample() const { return sample_; }

 private:
  uint64_t seed_;
  int64_t max_pixels_, pixels_per_image_;
  LogitSample sample_;
};

}  // namespace unet
