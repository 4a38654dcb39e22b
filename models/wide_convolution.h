#pragma once

#include <torch/nn/modules/conv.h>
#include <torch/types.h>

#include "models/graph.h"

namespace unet {

/// Whether LibTorch's gradient of the weights is not to be had: with AMX, oneDNN 2.6, which LibTorch 1.13 has, writes
/// beyond its memory in bf16 for kernels of 3x3 with stride 1 where the result is wider than 224 pixels. Seen for all
/// widths above 355 and, with some heights, from 225 on; the gradient is far off or NaN. LibTorch 2.6 is right.
/// Any kernel above 1x1 counts, of a result that is so wide.
bool is_too_wide(const op::Conv2d& o, const torch::Tensor& x);

/// The same convolution of x, in bf16, with the gradient of the weights added up from strips that are narrow enough.
torch::Tensor conv2d_by_strips(const op::Conv2d& o, const torch::Tensor& x, const torch::Tensor& weight,
                               const torch::Tensor& bias);

}  // namespace unet
