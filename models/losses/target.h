#pragma once

#include <torch/types.h>

#include <cstdint>

namespace unet {

/// Labels and pixel weights for a loss.
struct Target {
  torch::Tensor labels;       ///< (N,H,W) int64: class index in [0,C) or kIgnoreLabel
  torch::Tensor weight = {};  ///< (N,H,W) float of at least 0, no gradient; undefined: 1 for every pixel
  torch::Tensor map = {};     ///< `weight` times the weight map of the losses that ask for it; undefined: none

  /// Weight of each pixel, 0 where its label is ignored: (N,H,W) float32.
  torch::Tensor pixel_weight() const;

  /// Sum of the pixel weights of each class: (C) float64. Does not wait for a CUDA device.
  torch::Tensor class_weight(int64_t num_classes) const;
};

}  // namespace unet
