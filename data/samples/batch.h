#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

namespace unet {

/// What one micro-batch of training sees.
struct Batch {
  torch::Tensor images;            ///< (N,C,H,W) float32, normalised
  torch::Tensor labels;            ///< (N,H,W) int64, class index or kIgnoreLabel
  std::vector<std::string> names;  ///< image paths, for messages
};

}  // namespace unet
