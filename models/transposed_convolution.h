#pragma once

#include <torch/types.h>

#include "models/graph.h"

namespace unet {

/// What torch::conv_transpose2d computes, by a plain convolution and an interleave, which run in bf16 and channels_last
/// (LibTorch 1.13's own path has neither): output rows that are `stride` apart are reached through the same rows of the
/// kernel, so that each of stride^2 phases is a convolution of x with a part of the kernel.
/// x (N,in,H,W), weight (in,out/groups,kh,kw), bias (out) or undefined.
torch::Tensor conv_transpose2d(const op::ConvTranspose2d& o, const torch::Tensor& x, const torch::Tensor& weight,
                               const torch::Tensor& bias);

}  // namespace unet
