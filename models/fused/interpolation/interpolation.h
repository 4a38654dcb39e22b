#pragma once

#include <torch/types.h>

#include "configs/schema/per_axis.h"

namespace unet {

/// Equals torch::upsample_bilinear2d, as two matrix products, whose gradients are deterministic; those of LibTorch's
/// interpolation are not on CUDA, and train.deterministic forbids them. x (N,C,H,W).
torch::Tensor bilinear_by_matrix_products(const torch::Tensor& x, const PerAxis& size, bool align_corners);

}  // namespace unet
