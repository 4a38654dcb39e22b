#pragma once

#include <torch/types.h>

#include "models/kernels/kernel_choice.h"
#include "models/losses/target.h"

namespace unet {

/// Sums over the labeled pixels of a batch, each pixel multiplied by its weight: (C) float32 each. Losses that are
/// functions of these sums share one pass over the logits.
struct ClassSums {
  torch::Tensor nll;          ///< sum of -log(probability of the pixel's own class), by that class
  torch::Tensor overlap;      ///< sum of the probability of the pixel's own class, by that class
  torch::Tensor probability;  ///< sum of the probability of each class
  torch::Tensor truth;        ///< number of pixels of each class; no gradient
};

/// Computes the sums from logits (N,C,H,W) of any float type by a softmax over C in float32. On a CPU, for a
/// target without pixel weights, a fused kernel makes one pass forward and one backward.
ClassSums class_sums(const torch::Tensor& logits, const Target& target, KernelChoice kernels = KernelChoice::fused);

}  // namespace unet
