#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

namespace unet {

/// One micro-batch of training samples.
struct Batch {
  torch::Tensor images;            ///< (N,C,H,W) float32, normalized
  torch::Tensor labels;            ///< (N,H,W) int64, class index or kIgnoreLabel
  std::vector<std::string> names;  ///< places of the images, for messages
  torch::Tensor weights = {};      ///< (N,H,W) float32, weight map of the loss; undefined if it asks for none
  torch::Tensor pixel_weights =
      {};  ///< (N,H,W) float32, weight of each pixel in every loss, which `weights` contains; undefined: 1
};

}  // namespace unet
