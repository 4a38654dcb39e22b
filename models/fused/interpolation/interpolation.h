#pragma once

#include <torch/types.h>

#include "configs/schema/per_axis.h"

namespace unet {

/// Equals torch::upsample_bilinear2d for x (N,C,H,W), computed as two matrix products, whose gradients are
/// deterministic. On CUDA those of LibTorch's interpolation are not, and train.deterministic forbids them.
torch::Tensor bilinear_by_matrix_products(const torch::Tensor& x, const PerAxis& size, bool align_corners);

}  // namespace unet
