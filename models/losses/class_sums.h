#pragma once

#include <torch/types.h>

namespace unet {

/// What the labelled pixels of a batch add up to, by class: (C) float each. Losses that are functions of these share
/// one pass over the logits.
struct ClassSums {
  torch::Tensor nll;          ///< of minus the log of the probability of the pixel's own class
  torch::Tensor overlap;      ///< of the probability of the pixel's own class
  torch::Tensor probability;  ///< of the probabilities of each class
  torch::Tensor truth;        ///< of pixels of the class; has no gradient
};

/// logits (N,C,H,W) of any float type, labels (N,H,W) int64, class index or kIgnoreLabel; the probabilities are the
/// softmax over C, in fp32. `fast`: on a CPU by our own kernels, in one pass forward and one backward.
ClassSums class_sums(const torch::Tensor& logits, const torch::Tensor& labels, bool fast = true);

}  // namespace unet
