#pragma once

#include <torch/types.h>

#include <vector>

namespace unet {

// Of convolutions with stride and dilation 1.

/// Whether LibTorch's gradient of the weights is not to be had: with AMX, oneDNN 2.6, which LibTorch 1.13 has, writes
/// beyond its memory in bf16 for kernels of 3x3 where the result is wider than 224 pixels. Seen for all widths from 388
/// on and, with some heights, from 225 on; the gradient is far off or NaN. LibTorch 2.6 is right. Any kernel above 1x1
/// counts here. `padding` of rows and columns.
bool is_too_wide(const torch::Tensor& x, const torch::Tensor& weight, const std::vector<int64_t>& padding);

/// The convolution of x, in bf16, with the gradient of the weights added up from strips that are narrow enough.
torch::Tensor conv2d_by_strips(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                               const std::vector<int64_t>& padding, int64_t groups);

}  // namespace unet
