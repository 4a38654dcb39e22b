#pragma once

#include <torch/types.h>

#include <vector>

#include "models/kernels/kernel_choice.h"

namespace unet {

/// Convolution with stride and dilation 1; `padding`: rows, columns. In bf16 on a processor with AMX, our kernel
/// (weight_gradient_amx.h) computes the weight gradient: if it is faster and `choice` is fused, and always if oneDNN's
/// result is wrong (see library_faults.h).
torch::Tensor conv2d_stride_1(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                              const std::vector<int64_t>& padding, int64_t groups, KernelChoice choice);

}  // namespace unet
