#pragma once

#include <torch/types.h>

#include "models/graph/graph.h"

namespace unet {

/// What torch::conv_transpose2d computes, by a plain convolution and an interleave, which run in bf16 and channels_last
/// (LibTorch 1.13's own path has neither): output rows that are `stride` apart are reached through the same rows of the
/// kernel, so that each of stride^2 phases is a convolution of x with a part of the kernel.
/// x (N,in,H,W), weight (in,out/groups,kh,kw), bias (out) or undefined. With a skip connection (N,skip,H,W) it is
/// concatenated in front.
torch::Tensor conv_transpose2d(const op::ConvTranspose2d& o, const torch::Tensor& x, const torch::Tensor& weight,
                               const torch::Tensor& bias, const torch::Tensor& skip = {});

/// The convolution that computes all phases of a transposed one, of stride and dilation 1 and as many groups.
struct PhaseConvolution {
  torch::Tensor weight, bias;
  std::vector<int64_t> padding;
};
PhaseConvolution phase_convolution(const op::ConvTranspose2d& o, const torch::Tensor& weight,
                                   const torch::Tensor& bias);

/// What that convolution is to be given for x.
torch::Tensor phase_input(const op::ConvTranspose2d& o, const torch::Tensor& x);

/// What the transposed convolution of x gives, from what the convolution gave; a skip connection as above.
torch::Tensor join_phases(const op::ConvTranspose2d& o, const torch::Tensor& x, const torch::Tensor& phases,
                          const torch::Tensor& skip);

}  // namespace unet
