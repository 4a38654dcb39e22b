#pragma once

#include <torch/types.h>

#include "models/graph/graph.h"

namespace unet {

/// Equals torch::conv_transpose2d, computed as a plain convolution and an interleave, which run in bf16 and
/// channels_last (LibTorch 1.13 supports neither). Output rows `stride` apart depend on the same rows of the kernel, so
/// each of stride^2 phases is a convolution of x with a part of the kernel. x (N,in,H,W), weight (in,out/groups,kh,kw),
/// bias (out) or undefined. If a skip connection (N,skip,H,W) is given, returns the concatenation [skip, result].
torch::Tensor conv_transpose2d(const op::ConvTranspose2d& o, const torch::Tensor& x, const torch::Tensor& weight,
                               const torch::Tensor& bias, const torch::Tensor& skip = {});

/// A convolution that computes all phases of a transposed one, with stride and dilation 1 and the same groups.
struct PhaseConvolution {
  torch::Tensor weight, bias;
  std::vector<int64_t> padding;
};
PhaseConvolution phase_convolution(const op::ConvTranspose2d& o, const torch::Tensor& weight,
                                   const torch::Tensor& bias);

/// Returns the input of that convolution for x.
torch::Tensor phase_input(const op::ConvTranspose2d& o, const torch::Tensor& x);

/// Returns the transposed convolution of x from the phases; `skip` as above.
torch::Tensor join_phases(const op::ConvTranspose2d& o, const torch::Tensor& x, const torch::Tensor& phases,
                          const torch::Tensor& skip);

}  // namespace unet
