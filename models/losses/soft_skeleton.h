#pragma once

#include <torch/types.h>

namespace unet {

/// Soft skeleton of masks (N,C,H,W) in [0,1], by min and max pooling. Structures with a radius above `iterations`
/// pixels have none. A grayscale maximum that several pixels of a window share passes its gradient to the first of
/// them. Source: Shit et al. 2021, arXiv:2003.07311, algorithm 1.
torch::Tensor soft_skeleton(const torch::Tensor& mask, int64_t iterations);

}  // namespace unet
