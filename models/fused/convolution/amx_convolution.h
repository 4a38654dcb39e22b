#pragma once

#include <torch/types.h>

#include <vector>

namespace unet {

/// A convolution with stride and dilation 1; `padding` of rows and columns. In bf16, on a processor with AMX, the
/// gradient of the weights is our own (see kernels/weight_gradient_amx.h): where it is faster, if `fast`; and always where
/// oneDNN 2.6, which LibTorch 1.13 has, gives a wrong one and writes beyond its memory: for kernels above 1x1, where
/// the result is wider than 224 pixels. (Seen for kernels of 3x3, for all widths from 388 on and, with some heights,
/// from 225 on; LibTorch 2.6 is right.)
torch::Tensor conv2d_stride_1(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                              const std::vector<int64_t>& padding, int64_t groups, bool fast);

}  // namespace unet
