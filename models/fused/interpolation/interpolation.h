#pragma once

#include <torch/types.h>

#include "configs/schema/per_axis.h"

namespace unet {

/// What torch::upsample_bilinear2d computes, as two matrix products, whose gradients are the same every time: on CUDA
/// those of LibTorch's own are not, and are refused where train.deterministic is on. x (N,C,H,W).
torch::Tensor bilinear_by_matrix_products(const torch::Tensor& x, const PerAxis& size, bool align_corners);

}  // namespace unet
